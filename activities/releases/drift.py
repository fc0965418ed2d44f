"""Checks whether live versions match their release, and reports changes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from temporalio import activity

from activities.access.definition_store import DefinitionStore
from activities.access.environments import Environments
from activities.authority.port import Permits
from activities.core import serialization as serial
from activities.core.cancellation import Heartbeat, run_blocking
from activities.releases import port
from activities.releases.optional_targets import HealingTarget
from activities.releases.permits import claims
from activities.releases.port import ActionInput, Drift, Releaser, Target
from domain.core import ids as keys
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.drift_classes import Decided, Healed, Policy, decide
from domain.releases.kubernetes.registered import registered

KIND = "Drift"
BY_NOBODY = Releaser(run="by hand")
"""What was permitted to be live is put back as it was: the signer remembers it."""


@dataclass
class DriftActivities(port.DriftActivities):
    """Remembers the last result, so that the same drift is reported once."""

    targets: Mapping[str, Target]
    definitions: DefinitionStore
    environments: Environments | None = None
    """None: nothing is healed."""
    permits: Permits | None = None
    clock: Callable[[], float] = time.time

    @activity.defn(name="drift")
    async def look(self, environment: str) -> list[Drift]:
        """Every live service of an environment that has drift. What may be healed is, and told so."""
        found, state = [], await _state(environment)
        policy = await run_blocking(lambda: self._policy(environment))
        async with Heartbeat() as heartbeat:
            for service, lives in state.need("live").fields():
                heartbeat.report(service)
                clusters = [cluster for cluster, _ in state.at("wholes", service, "parts").fields()]
                for cluster in clusters:  # of a release over many, what is live in each is drifted or not
                    part = await _state(keys.place(environment, cluster))
                    found += await self._newest(part, part.at("live", service), policy)
                if not clusters:
                    found += await self._newest(state, lives, policy)
        return found

    def _policy(self, environment: str) -> Policy | None:
        """None: nothing is healed there."""
        if self.environments is None or self.permits is None:
            return None
        found = registered(self.environments.get(environment).approval.kubernetes)
        return found.drift if found else None

    async def _newest(self, state: Node, lives: Node, policy: Policy | None) -> list[Drift]:
        known = list(lives)
        if not known:
            return []
        return await self._of(serial.load(Deployment, json.dumps(known[-1].value)), state, policy)

    async def _of(self, live: Deployment, state: Node, policy: Policy | None) -> list[Drift]:
        target = self.targets.get(live.spec.target)
        key = f"{live.place}/{live.service}/{live.instance}"
        if target is None:
            return []
        before = Node(await run_blocking(lambda: self.definitions.get(KIND, key)))
        healed = _healed(before["healed"])
        now = healed
        try:
            if policy is not None and isinstance(target, HealingTarget):
                releasing = bool(state["holder"])
                decided = decide(await target.findings(live), policy, healed, self.clock(), releasing=releasing)
                lines, now = decided.lines, decided.healed  # what is tried counts, whatever comes of it
                await self._heal(target, live, decided)
            else:
                lines = tuple(await target.drift(live))
        except SluicewayError as broken:
            lines = (f"it cannot be checked, or healed: {broken.what}",)
        told = bool(before) and tuple(before["lines"].texts()) == lines
        if now != healed or (
            not told and (lines or before)
        ):  # the same line again may be another time that it is healed
            kept = {"lines": lines, "healed": {name: list(times) for name, times in now.at.items()}}
            await run_blocking(lambda: self.definitions.save(KIND, key, json.dumps(kept)))
        return [Drift(key, lines, told)] if lines else []

    async def _heal(self, target: HealingTarget, live: Deployment, decided: Decided) -> None:
        if decided.heal and self.permits is not None:
            action = ActionInput(do=ActionKind.HEAL, deployment=live, target=live.spec.target, whose=BY_NOBODY)
            for claim in claims(action):
                await run_blocking(partial(self.permits.permit, claim))
            await target.heal(live, decided.heal)


def _healed(said: Node) -> Healed:
    return Healed({name: tuple(one.number() for one in times) for name, times in said.fields()})


async def _state(place: str) -> Node:
    handle = activity.client().get_workflow_handle(keys.environment_id(place))
    return Node(await handle.query("state", result_type=dict))
