"""Deliveries: events of a repository, compiled into a plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from temporalio import activity

from activities.core.errors import as_failure, permanent, temporary
from activities.pipelines.plan_store import store_plan
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.triggers import port
from activities.triggers.port import DefinitionReader, DefinitionResult
from domain.core.errors import SluicewayError
from domain.pipelines.plan_ref import PlanRef
from domain.pipelines.reference import GitReference, git_reference
from domain.triggers.delivery import Delivery

FETCH_ATTEMPTS = 8
"""About half a minute, with the pauses of a local activity."""


class DeliveryActivities(port.DeliveryActivities):
    """Reads from mirrors, never from the working copy; also the files that a definition uses."""

    def __init__(
        self,
        store: Store,
        mirrors: Mirrors,
        reader: DefinitionReader,
        taken: Callable[[str], int] = lambda pipeline: 0,
    ) -> None:
        """`taken`: pipeline to its last recorded number."""
        self._store, self._mirrors, self._reader, self._taken = store, mirrors, reader, taken

    @activity.defn(name="read-definition")
    async def read_definition(self, delivery: Delivery) -> DefinitionResult:
        """Reads the definition at the delivery's commit, even if the branch has moved."""
        try:
            found = await asyncio.to_thread(self.read, delivery)
            taken = await asyncio.to_thread(self._taken, delivery.pipeline)
            return replace(found, taken=taken)
        except SluicewayError as broken:
            raise (temporary if _passing(broken) else permanent)(broken.code, str(broken)) from broken

    def read(self, delivery: Delivery) -> DefinitionResult:
        """From the delivery's exact commit. Reports at most 50 problems."""
        mirror = self._mirrors.fetch(delivery.source.repo, delivery.source.commit)

        def read_file(path: str) -> bytes | None:
            named = git_reference(path)
            return self._used(named) if named else git.read_file(mirror, delivery.source.commit, path)

        data = read_file(delivery.path)
        if data is None:
            problem = f"{delivery.path}: error SLW601: commit {delivery.source.commit[:12]} has no such file"
            return DefinitionResult(True, "the definition is missing", problems=(problem,))
        found = self._reader.read(data, delivery.path, delivery.event, read_file)
        plan = store_plan(self._store, found.plan) if found.plan else PlanRef()
        return DefinitionResult(found.starts, found.reason, plan, found.problems[:50])

    def _used(self, named: GitReference) -> bytes | None:
        """Retries a network error before it becomes a problem of the definition."""
        try:
            return self._mirrors.read(named)
        except SluicewayError as broken:
            if _passing(broken):
                raise temporary(broken.code, str(broken)) from broken
            raise

    @activity.defn(name="load-plan-page")
    async def load_page(self, digest: str) -> str:
        """The page's JSON from the store."""
        try:
            return (await asyncio.to_thread(self._store.get, digest)).decode()
        except SluicewayError as broken:
            raise as_failure(broken) from broken


def _passing(broken: SluicewayError) -> bool:
    return broken.transient and activity.info().attempt < FETCH_ATTEMPTS
