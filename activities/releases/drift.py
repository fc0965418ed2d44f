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
        handle = activity.client().get_workflow_handle(keys.environment_id(environment))
        state = Node(await handle.query("state", result_type=dict))
        found = []
        async with Heartbeat() as heartbeat:
            for _, lives in state.need("live").fields():
                live = serial.load(Deployment, json.dumps(list(lives)[-1].value))
                heartbeat.report(live.service)
                found += await self._of(live)
        return found

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
