"""Checks whether live versions match their release, and reports changes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Set
from dataclasses import asdict, dataclass, replace
from functools import partial

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from activities.access.definition_store import DefinitionStore
from activities.access.environments import Environments
from activities.authority.port import Permits
from activities.core import serialization as serial
from activities.core.cancellation import Heartbeat, run_blocking
from activities.releases.drift import port
from activities.releases.drift.port import Drift
from activities.releases.optional_targets import HealingTarget
from activities.releases.permits import claims
from activities.releases.port import ActionInput, Releaser, Target
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


@dataclass(frozen=True)
class Known:
    """What is remembered of a version's drift."""

    lines: tuple[str, ...] = ()
    """As people were told."""
    healed: Healed = Healed()
    failed: bool = False
    """The last look was none."""


OVER, REPLACED = "it is as released again", "it is not live any more"


@dataclass
class DriftActivities(port.DriftActivities):
    """Remembers the last result, so that the same drift is reported once, and its end as well."""

    targets: Mapping[str, Target]
    definitions: DefinitionStore
    environments: Environments | None = None
    """None: nothing is healed."""
    permits: Permits | None = None
    clock: Callable[[], float] = time.time

    @activity.defn(name="drift")
    async def look(self, environment: str) -> list[Drift]:
        """Every live service of an environment that has drift, or had some. What may be healed is, and told so."""
        found, live, state = list[Drift](), set[str](), await _state(environment)
        policy = await run_blocking(lambda: self._policy(environment))
        async with Heartbeat() as heartbeat:
            for service, lives in state["live"].fields():
                heartbeat.report(service)
                clusters = [cluster for cluster, _ in state.at("wholes", service, "parts").fields()]
                # of a release over many, what is live in each is drifted or not
                each = [(await _state(keys.place(environment, cluster))).at("live", service) for cluster in clusters]
                for one in filter(None, map(_newest, each or [lives])):
                    live.add(_key(one))
                    found += await self._of(one, policy)
        return found + await run_blocking(lambda: self._replaced(environment, live))

    def _replaced(self, environment: str, live: Set[str]) -> list[Drift]:
        """What was told of versions that are not live any more is over."""
        over = []
        for key in self.definitions.names(KIND):
            if keys.environment_of(key.partition("/")[0]) == environment and key not in live:
                if Node(self.definitions.get(KIND, key))["lines"]:
                    over.append(Drift(key, (), over=REPLACED))
                self.definitions.remove(KIND, key)
        return over

    def _policy(self, environment: str) -> Policy | None:
        """None: nothing is healed there."""
        if self.environments is None or self.permits is None:
            return None
        found = registered(self.environments.get(environment).approval.kubernetes)
        return found.drift if found else None

    async def _of(self, live: Deployment, policy: Policy | None) -> list[Drift]:
        target, key = self.targets.get(live.spec.target), _key(live)
        if target is None:
            return []
        before = Node(await run_blocking(lambda: self.definitions.get(KIND, key)))
        known = Known(tuple(before["lines"].texts()), _healed(before["healed"]), failed=bool(before["failed"]))
        now = known
        try:
            if policy is not None and isinstance(target, HealingTarget):
                findings, state = await target.findings(live), await _state(live.place)
                if _newest(state.at("live", live.service)) != live:
                    return []  # replaced while it was looked at: what is gone is to be gone
                decided = decide(findings, policy, known.healed, self.clock(), releasing=bool(state["holder"]))
                now = Known(decided.lines, decided.healed)  # what is tried counts, whatever comes of it
                await self._heal(target, live, decided)
            else:
                now = replace(known, lines=tuple(await target.drift(live)), failed=False)
        except SluicewayError as broken:
            now = replace(now, lines=(f"it cannot be checked, or healed: {broken.what}",), failed=True)
        return await self._told(key, known, now)

    async def _told(self, key: str, known: Known, now: Known) -> list[Drift]:
        """What cannot be looked at is told the second time in a row: an API server may be away for a moment."""
        passing = now.failed and not known.failed
        kept = replace(now, lines=known.lines) if passing else now
        if kept != known:
            text = json.dumps({**asdict(kept), "healed": kept.healed.at})
            await run_blocking(lambda: self.definitions.save(KIND, key, text))
        if now.lines:
            return [Drift(key, now.lines, told=passing or now.lines == known.lines)]
        return [Drift(key, (), over=OVER)] if known.lines else []

    async def _heal(self, target: HealingTarget, live: Deployment, decided: Decided) -> None:
        if decided.heal and self.permits is not None:
            action = ActionInput(do=ActionKind.HEAL, deployment=live, target=live.spec.target, whose=BY_NOBODY)
            for claim in claims(action):
                await run_blocking(partial(self.permits.permit, claim))
            await target.heal(live, decided.heal)


def _healed(said: Node) -> Healed:
    return Healed({name: tuple(one.number() for one in times) for name, times in said.fields()})


def _key(live: Deployment) -> str:
    return f"{live.place}/{live.service}/{live.instance}"


def _newest(lives: Node) -> Deployment | None:
    """The last of what an environment has recorded as live of a service."""
    known = list(lives)
    return serial.load(Deployment, json.dumps(known[-1].value)) if known else None


async def _state(place: str) -> Node:
    """Of a place where nothing was ever released: nothing."""
    handle = activity.client().get_workflow_handle(keys.environment_id(place))
    try:
        return Node(await handle.query("state", result_type=dict))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Node()
        raise
