"""A cluster with its story, as its workflow tells it; where that does not answer, what was last known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from domain.core import ids
from domain.core.errors import SluicewayError
from domain.inventory.model import WatchRow
from workers.client.on_engine.parts import EngineParts, temporal_path
from workers.client.ports.fleets import ClusterDetails, FleetCluster, RepairDecision, Story

if TYPE_CHECKING:
    from workflows.clusters.messages import ClusterState
    from workflows.clusters.remediation_messages import HealState

ANSWERS_WITHIN_S = 2.0
MOST_STORY = 100
HIDDEN = ("connection", "use")
"""Settings of a provider may name folders of the worker's machine."""


async def details_of(parts: EngineParts, row: FleetCluster, watch: WatchRow) -> ClusterDetails:
    """The rest is asked for, within two seconds."""
    details = ClusterDetails(
        row=row,
        certificates=watch.certificates,
        unwatched=dict(watch.unwatched),
        temporal=temporal_path(ids.cluster_id(row.name), parts.settings.namespace),
    )
    try:
        state, healing = await asyncio.wait_for(_asked(parts, row.name), ANSWERS_WITHIN_S)
    except (SluicewayError, TimeoutError):
        return replace(details, answers=False)
    told = with_state(details, state)
    return with_healing(told, healing) if healing else told


async def _asked(parts: EngineParts, name: str) -> tuple[ClusterState, HealState | None]:
    from workers.client.clusters import Clusters

    clusters = Clusters(await parts.engine())
    state = await clusters.view(name)
    try:
        return state, await clusters.healing(name) if state.guarded else None
    except SluicewayError:  # it begins, or ends
        return state, None


def with_state(details: ClusterDetails, state: ClusterState) -> ClusterDetails:
    """What a cluster's workflow tells."""
    spec, health, blocker = state.spec, state.health, state.blocker
    definition = {name: value for name, value in asdict(spec).items() if name not in HIDDEN}
    return replace(
        details,
        definition=definition,
        blocker=f"{blocker.phase}: {blocker.reason} ({blocker.owner}, attempt {blocker.tries})" if blocker else "",
        blocker_since=blocker.since if blocker else 0,
        add_ons=spec.add_ons,
        parts={str(role): program for role, program in spec.parts.items()},
        capabilities=dict(health.capabilities),
        drift=health.drift,
        open=health.open,
        story=_story(Story(at=one.at, words=one.words) for one in state.log),
    )


def with_healing(details: ClusterDetails, healing: HealState) -> ClusterDetails:
    """What automatic repair tells: each action, and each refusal to act with its rule."""
    policy = healing.policy
    limits = f"up to {policy.max_unready:.0%} nodes not ready, {policy.actions_an_hour} actions per hour"
    decisions = [
        RepairDecision(target=one.target, remedy=str(one.remedy), reason=one.reason, refusal=one.refusal)
        for one in healing.decisions
    ]
    scales = [
        RepairDecision(
            target=one.pool or "pools", remedy=f"scale to {one.count}", reason=one.reason, refusal=one.refusal
        )
        for one in healing.scales
    ]
    repair = (Story(at=one.at, words=one.words, by="repair") for one in healing.log)
    return replace(
        details,
        repairs=(*decisions, *scales),
        repair_policy=limits + (", dry run" if policy.dry_run else ""),
        story=_story((*details.story, *repair)),
    )


def _story(entries: Iterable[Story]) -> tuple[Story, ...]:
    """Newest first."""
    return tuple(sorted(entries, key=lambda one: -one.at)[:MOST_STORY])
