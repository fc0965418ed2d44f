"""Plans in the object store, in pages small enough for a payload."""

from __future__ import annotations

import json
from dataclasses import asdict

from activities.core import serialization as serial
from activities.pipelines.port import load_jobs
from activities.storage.port import Store
from domain.core.documents import Node
from domain.pipelines.job import Job
from domain.pipelines.plan import Plan
from domain.pipelines.plan_ref import PlanRef
from domain.queues.queue import ConcurrencyPolicy

PAGE_BYTES = 120_000
"""A page is a payload in histories: well below the limit of 256 KB."""


def store_plan(store: Store, plan: Plan) -> PlanRef:
    """Splits a plan into pages; each is a JSON list of jobs without default values."""
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


def plan_ref(store: Store, digest: str) -> PlanRef:
    """The reference to a stored plan."""
    index = Node(json.loads(store.get(digest)))
    return PlanRef(
        digest=digest,
        pages=_pages(index),
        jobs=index.need_whole("jobs"),
        stages=tuple(index["stages"].texts()),
        params={
            name: value for name, value in index.need_object("params").items() if isinstance(value, str | int | float)
        },
        fail_fast=bool(index["fail_fast"]),
        concurrency=serial.load(ConcurrencyPolicy, json.dumps(index["concurrency"].object())),
        priority=index["priority"].whole(3),
        tenant=index["tenant"].text(),
    )


def plan_jobs(store: Store, digest: str) -> list[Job]:
    """All jobs of a stored plan, for the command line and reports."""
    index = Node(json.loads(store.get(digest)))
    return [job for page in _pages(index) for job in load_jobs(store.get(page).decode())]


def _pages(index: Node) -> tuple[str, ...]:
    return tuple(page.need_text() for page in index.need_list("pages"))
