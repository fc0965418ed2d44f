"""Records a run's start and end: what remains when Temporal has forgotten it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

from temporalio import activity

from activities.authority.port import Permits, RunStatement
from activities.core import serialization as serial
from activities.core.errors import as_failure
from activities.notifications.port import Notice, Notifier
from activities.runs import port
from activities.runs.port import Ended, Past, PastInput, RunBegin, RunEnd
from activities.runs.run_store import RunStart, RunStore
from activities.storage.port import Store
from activities.triggers.port import ScheduledDelivery
from domain.approvals.artifact import DECISIONS
from domain.approvals.request import DecisionRecord
from domain.core.errors import SluicewayError
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult
from domain.runs.listed import listed
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef

PAGE_BYTES = 120_000
T = TypeVar("T")


class RunRecordActivities(port.RunRecordActivities):
    """Writes records; at the end of a run also its report and notifications."""

    def __init__(
        self,
        records: RunStore,
        store: Store,
        report: Callable[[str], bytes] | None,
        notifiers: tuple[Notifier, ...] = (),
        *,
        permits: Permits,
    ) -> None:
        """`report` writes a run's HTML page from the records."""
        self._records, self._store, self._report, self._notifiers = records, store, report, notifiers
        self._permits = permits

    @activity.defn(name="begin-run")
    async def begin(self, run: RunBegin) -> str:
        """Copies the results that a new attempt keeps."""
        return await asyncio.to_thread(_stored(self._begin), run)

    def _begin(self, run: RunBegin) -> str:
        if run.plan:
            commit, earlier = run.event.commit, run.earlier
            self._permits.begin(
                RunStatement(run=run.id, pipeline=run.pipeline, plan=run.plan, commit=commit, earlier=earlier)
            )
        event, source = serial.dump(run.event).decode(), serial.dump(run.source).decode()
        start = RunStart(
            id=run.id,
            pipeline=run.pipeline,
            number=run.number,
            attempt=run.attempt,
            commit_id=run.event.commit,
            plan=run.plan,
            event=event,
            source=source,
            path=run.path,
            repository="" if run.event.kind is EventKind.PULL_REQUEST else run.event.repo or run.source.repo,
            **_listed(run.event),
        )
        self._records.start(start, self._kept(run) if run.kept else [])
        return self._store.get(run.page).decode() if run.page else "[]"

    def _kept(self, run: RunBegin) -> list[JobRecord]:
        """Rows of the previous attempt, each with the attempt that produced it."""
        names = json.loads(self._store.get(run.kept))
        rows: list[JobRecord] = []
        before = self._records.last_results(run.earlier)
        for name in names:
            row = before[name]
            result = serial.load(JobResult, row["result"])
            text = serial.dump(replace(result, reused=result.reused or run.earlier)).decode()
            rows.append({**row, "result": text})
        return rows

    @activity.defn(name="record-run")
    async def end(self, end: RunEnd) -> str:
        """Returns the report's digest when the run has ended."""
        digest = await asyncio.to_thread(_stored(self._end), end)
        for notifier in self._notifiers if end.final else ():
            await notifier.notify(Notice("run-ended", end.id, f"{end.id} {end.status}: {end.reason}"))
        return digest

    def _end(self, end: RunEnd) -> str:
        self._records.record_jobs([self._row(end.id, job) for job in end.jobs])
        if not end.final:
            return ""
        self._permits.end(end.id)
        self._records.end(end.id, end.status, end.stopped_by, end.reason, "", time.time())
        digest = self._store.put(self._report(end.id)) if self._report else ""
        self._records.end(end.id, end.status, end.stopped_by, end.reason, digest, time.time())
        return digest

    def _row(self, run: str, job: Ended) -> JobRecord:
        result = job.result
        if job.decisions:
            result = _with(result, job.kind, self._store.put(serial.dump(job.decisions, tuple[DecisionRecord, ...])))
        return JobRecord(
            run=run,
            job=job.id,
            attempt=result.attempt,
            kind=job.kind,
            stage=job.stage,
            status=str(result.status),
            started_at=job.began_at,
            ended_at=job.ended_at,
            result=serial.dump(result).decode(),
        )

    @activity.defn(name="load-results")
    async def past(self, input: PastInput) -> Past:
        """Results by page, to limit payloads; logs and reports are digests."""
        latest: dict[str, JobResult] = {}
        for row in sorted(self._records.jobs(input.run), key=lambda row: (row["job"], row["attempt"])):
            if row["job"] > input.after and row["ended_at"] is not None:
                latest[row["job"]] = serial.load(JobResult, row["result"])
        page: dict[str, JobResult] = {}
        size = 0
        for job, result in latest.items():
            size += len(json.dumps(serial.dump_plain(result)))
            if page and size > PAGE_BYTES:
                return Past(page, more_after=max(page))
            page[job] = result
        return Past(page)

    @activity.defn(name="origin-of-run")
    async def origin(self, run: str) -> ScheduledDelivery | None:
        """The event that runs the pipeline again, at the branch's current commit; None: unknown."""
        row = await asyncio.to_thread(self._records.get, run)
        if row is None or not row["path"]:
            return None
        event = serial.load(Event, row["event"])
        repo = event.repo or serial.load(SourceRef, row["source"]).repo
        return ScheduledDelivery(row["pipeline"], repo, row["path"], event.branch, EventKind.MANUAL, "rescan")


def _listed(event: Event) -> dict[str, Any]:
    """The columns of lists."""
    short = asdict(listed(event))
    return {"event_kind": short.pop("kind"), **short}


def _with(result: JobResult, kind: str, decisions: str) -> JobResult:
    """Decisions are the report of an approval; a gate opened by people keeps its own report."""
    if kind == "approval":
        return replace(result, report=decisions)
    return replace(result, artifacts={**result.artifacts, DECISIONS: decisions})


def _stored(call: Callable[[T], str]) -> Callable[[T], str]:
    """Store errors as activity failures, retried if transient."""

    def told(argument: T) -> str:
        try:
            return call(argument)
        except SluicewayError as broken:
            raise as_failure(broken) from broken

    return told
