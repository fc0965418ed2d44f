"""Deliveries: what happened in a repository, read into a plan that a run can walk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from temporalio import activity

from activities.core import serialization as serial
from activities.core.errors import of_store, permanent, temporary
from activities.jobs.activities import SourceRef
from activities.source import git
from activities.source.git import Mirrors
from activities.storage.port import Store
from domain.core.errors import SluicewayError
from domain.pipelines.job import Job, Plan
from domain.pipelines.reference import GitReference, git_reference
from domain.queues.queue import Terms
from domain.triggers.events import Event

PAGE_BYTES = 120_000
"""A page travels in a history: well under the 256 KB that a payload may have."""
MAX_CHANGED_FILES_BYTES = 60_000

FETCH_ATTEMPTS = 8
"""Half a minute, with the pauses of a local activity between them."""


@dataclass(frozen=True)
class Delivery:
    """One thing that may start a run. The id makes it the same thing however often it arrives."""

    id: str
    event: Event
    path: str
    """Of the definition in the repository."""
    source: SourceRef = SourceRef()
    pipeline: str = ""


@dataclass(frozen=True)
class PlanRef:
    """A plan in the store: histories carry this, and pages when they are needed."""

    digest: str = ""
    pages: tuple[str, ...] = ()
    jobs: int = 0
    stages: tuple[str, ...] = ()
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    fail_fast: bool = False
    concurrency: Terms = Terms()
    priority: int = 3
    tenant: str = ""


@dataclass(frozen=True)
class Reading:
    """What a delivery comes to."""

    starts: bool
    reason: str
    plan: PlanRef = PlanRef()
    problems: tuple[str, ...] = ()
    """Errors of the definition: the run starts, and fails with them."""


@dataclass(frozen=True)
class Read:
    """What the reader made of a definition."""

    starts: bool
    reason: str
    plan: Plan | None = None
    problems: tuple[str, ...] = ()


class DefinitionReader(Protocol):
    """Knows the language of definitions; pipeline_defs does, and the wiring hands it in."""

    def read(self, data: bytes, path: str, event: Event, read_file: Callable[[str], bytes | None]) -> Read: ...


class DeliveryActivities:
    def __init__(self, store: Store, mirrors: Mirrors, reader: DefinitionReader) -> None:
        self._store, self._mirrors, self._reader = store, mirrors, reader

    @activity.defn(name="read-definition")
    async def read_definition(self, delivery: Delivery) -> Reading:
        """Reads the definition at the delivery's own commit, whatever the branch says by now."""
        try:
            return await asyncio.to_thread(self.read, delivery)
        except SluicewayError as broken:
            raise (temporary if _passing(broken) else permanent)(broken.code, str(broken)) from broken

    def read(self, delivery: Delivery) -> Reading:
        mirror = self._mirrors.fetch(delivery.source.repo, delivery.source.commit)

        def read_file(path: str) -> bytes | None:
            named = git_reference(path)
            return self._used(named) if named else git.read_file(mirror, delivery.source.commit, path)

        data = read_file(delivery.path)
        if data is None:
            problem = f"{delivery.path}: error SLW601: commit {delivery.source.commit[:12]} has no such file"
            return Reading(True, "the definition is missing", problems=(problem,))
        found = self._reader.read(data, delivery.path, delivery.event, read_file)
        plan = store_plan(self._store, found.plan) if found.plan else PlanRef()
        return Reading(found.starts, found.reason, plan, found.problems[:50])

    def _used(self, named: GitReference) -> bytes | None:
        """A network that is down is asked again before it becomes a problem of the definition."""
        try:
            return self._mirrors.read(named)
        except SluicewayError as broken:
            if _passing(broken):
                raise temporary(broken.code, str(broken)) from broken
            raise

    @activity.defn(name="load-plan-page")
    async def load_page(self, digest: str) -> str:
        try:
            return (await asyncio.to_thread(self._store.get, digest)).decode()
        except SluicewayError as broken:
            raise of_store(broken) from broken


def _passing(broken: SluicewayError) -> bool:
    return broken.code in git.PASSING and activity.info().attempt < FETCH_ATTEMPTS


def store_plan(store: Store, plan: Plan) -> PlanRef:
    """Splits a plan into pages; each is a JSON list of jobs without their default values."""
    pages: list[str] = []
    buffer: list[bytes] = []
    size = 0
    for job in plan.jobs:
        text = serial.dump(job, exclude_defaults=True)
        if buffer and size + len(text) > PAGE_BYTES:
            pages.append(store.put(b"[" + b",".join(buffer) + b"]"))
            buffer, size = [], 0
        buffer.append(text)
        size += len(text) + 1
    pages.append(store.put(b"[" + b",".join(buffer) + b"]"))
    index = {
        "pipeline": plan.pipeline,
        "pages": pages,
        "jobs": len(plan.jobs),
        "stages": plan.stages,
        "params": plan.params,
        "fail_fast": plan.fail_fast,
        "concurrency": asdict(plan.concurrency),
        "priority": plan.priority,
        "tenant": plan.tenant,
    }
    digest = store.put(json.dumps(index, sort_keys=True).encode())
    return plan_ref(store, digest)


def load_jobs(page: str) -> tuple[Job, ...]:
    return serial.load(tuple[Job, ...], page)


def bounded(event: Event) -> Event:
    """The event as a run carries it. Very long lists of changed files are cut; plans are made from the whole list."""
    size, kept = 0, []
    for name in event.changed_files:
        size += len(name) + 4
        if size > MAX_CHANGED_FILES_BYTES:
            break
        kept.append(name)
    return replace(event, changed_files=tuple(kept), message=event.message[:4000])


def plan_ref(store: Store, digest: str) -> PlanRef:
    """A stored plan, as it was when it was stored."""
    index: dict[str, Any] = json.loads(store.get(digest))
    return PlanRef(
        digest,
        tuple(index["pages"]),
        index["jobs"],
        tuple(index.get("stages", ())),
        index["params"],
        bool(index.get("fail_fast")),
        serial.load(Terms, json.dumps(index.get("concurrency", {}))),
        index.get("priority", 3),
        index.get("tenant", ""),
    )


def plan_jobs(store: Store, digest: str) -> list[Job]:
    """All jobs of a stored plan, for the command line and reports."""
    index: dict[str, Any] = json.loads(store.get(digest))
    return [job for page in index["pages"] for job in load_jobs(store.get(page).decode())]
