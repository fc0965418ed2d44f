"""Checks whether live versions match their release, and reports changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from temporalio import activity

from activities.access.definition_store import DefinitionStore
from activities.core import serialization as serial
from activities.core.cancellation import Heartbeat, run_blocking
from activities.releases import port
from activities.releases.port import Drift, Target
from domain.core import ids as keys
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment

KIND = "Drift"


@dataclass
class DriftActivities(port.DriftActivities):
    """Remembers the last result, so that the same drift is reported once."""

    targets: Mapping[str, Target]
    definitions: DefinitionStore

    @activity.defn(name="drift")
    async def look(self, environment: str) -> list[Drift]:
        """Every live service of an environment that has drift."""
        found, state = [], await _state(environment)
        async with Heartbeat() as heartbeat:
            for service, lives in state.need("live").fields():
                heartbeat.report(service)
                clusters = [cluster for cluster, _ in state.at("wholes", service, "parts").fields()]
                for cluster in clusters:  # of a release over many, what is live in each is drifted or not
                    part = await _state(keys.place(environment, cluster))
                    found += await self._newest(part.at("live", service))
                if not clusters:
                    found += await self._newest(lives)
        return found

    async def _newest(self, lives: Node) -> list[Drift]:
        known = list(lives)
        return await self._of(serial.load(Deployment, json.dumps(known[-1].value))) if known else []

    async def _of(self, live: Deployment) -> list[Drift]:
        target = self.targets.get(live.spec.target)
        key = f"{live.place}/{live.service}/{live.instance}"
        if target is None:
            return []
        try:
            lines = tuple(await target.drift(live))
        except SluicewayError as broken:
            lines = (f"it cannot be checked: {broken.what}",)
        before = await run_blocking(lambda: self.definitions.get(KIND, key))
        told = before is not None and tuple(Node(before)["lines"].texts()) == lines
        if not told and (lines or before):
            await run_blocking(lambda: self.definitions.save(KIND, key, json.dumps({"lines": lines})))
        return [Drift(key, lines, told)] if lines else []


async def _state(place: str) -> Node:
    handle = activity.client().get_workflow_handle(keys.environment_id(place))
    return Node(await handle.query("state", result_type=dict))
