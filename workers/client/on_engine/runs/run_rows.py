"""Rows of runs, jobs and waits, from records, plans and what a run says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from activities.runs.run_lists import ListedRun
from domain.access.resource import Resource, ResourceKind
from domain.core import ids
from domain.core.documents import Node
from domain.jobs.record import JobRecord
from domain.jobs.result import BAD
from workers.client.ports.runs import JobLeft, JobRow, RunResults, RunRow, WaitRow

if TYPE_CHECKING:
    from workflows.runs.messages import RunView

MAX_REASON = 2_000
MOST_LEFT, MAX_LEFT = 1_000, 8_000_000
"""Attempts whose results are told, and characters of all of them as JSON: a job's outputs alone may have 64,000."""


def row_of(run: ListedRun) -> RunRow:
    """As lists show it."""
    return RunRow(
        id=run["id"],
        pipeline=run["pipeline"],
        number=run["number"],
        attempt=run["attempt"],
        status=run["status"],
        reason=run["reason"][:MAX_REASON],
        stopped_by=run["stopped_by"],
        commit=run["commit_id"],
        branch=run["branch"],
        event=run["event_kind"],
        author=run["author"],
        message=run["message"],
        started_at=run["started_at"],
        ended_at=run["ended_at"],
    )


def resource_of(run: ListedRun) -> Resource:
    """What rights are about."""
    return Resource(
        kind=ResourceKind.RUN,
        name=run["id"],
        pipeline=run["pipeline"],
        owner=run["owner"],
        integrity=run["integrity"],
    )


def pipeline_resource(name: str) -> Resource:
    """Of a pipeline."""
    return Resource(kind=ResourceKind.PIPELINE, name=name, pipeline=name)


def planned_row(job: Node) -> JobRow:
    """A job of a plan that has not begun."""
    skip = job["skip"].text()
    return JobRow(
        id=job["id"].text(),
        kind=job["kind"].text(),
        stage=job["stage"].text(),
        status="skipped" if skip else "waiting",
        reason=skip,
        needs=tuple(job["needs"].texts()),
        environment=job["environment"].text(),
    )


def job_rows(planned: Sequence[JobRow], records: Iterable[JobRecord]) -> tuple[JobRow, ...]:
    """The last attempt of every job in the order of the plan, each followed by the items that it became."""
    latest = _latest(records)
    rows: list[JobRow] = []
    groups: dict[str, list[str]] = {}
    for name in latest:
        groups.setdefault(name.partition("[")[0], []).append(name)
    listed = {job.id for job in planned}
    for job in planned:
        items = [name for name in groups.get(job.id, ()) if name not in listed]
        of_items = [latest[name] for name in items]
        rows.append(_recorded(job, latest.pop(job.id)) if job.id in latest else _together(job, of_items))
        rows += [_recorded(replace(job, id=name), latest.pop(name)) for name in items]
    return (*rows, *(_recorded(JobRow(id=name, kind="", stage="", status=""), one) for name, one in latest.items()))


def _latest(records: Iterable[JobRecord]) -> dict[str, JobRecord]:
    """Job, cell or item to its last attempt."""
    latest: dict[str, JobRecord] = {}
    for record in records:
        known = latest.get(record["job"])
        if known is None or record["attempt"] >= known["attempt"]:
            latest[record["job"]] = record
    return latest


def earlier_rows(planned: Sequence[JobRow], records: Sequence[JobRecord]) -> tuple[JobRow, ...]:
    """The attempts before the last one of every job, in the order of their start."""
    latest, jobs = _latest(records), {job.id: job for job in planned}
    return tuple(
        _recorded(replace(jobs.get(one["job"], JobRow(id="", kind="", stage="", status="")), id=one["job"]), one)
        for one in records
        if one is not latest[one["job"]]
    )


def results_of(event: str, records: Iterable[JobRecord]) -> RunResults:
    """What every ended attempt left, of the first ones. `event`: JSON of what started the run."""
    ended = [one for one in records if one["ended_at"] is not None]
    left: list[JobLeft] = []
    size = 0
    for one in ended[:MOST_LEFT]:
        size += len(one["result"])
        if size > MAX_LEFT:
            break
        left.append(_left(one))
    return RunResults(event=json.loads(event or "{}"), jobs=tuple(left), more=len(ended) - len(left))


def _left(record: JobRecord) -> JobLeft:
    result = Node(json.loads(record["result"] or "{}"))
    return JobLeft(
        job=record["job"],
        attempt=record["attempt"],
        status=record["status"],
        exit_code=result["exit_code"].whole(),
        outputs=result["outputs"].object(),
        artifacts=result["artifacts"].strings(),
        log=result["log"].text(),
        report=result["report"].text(),
        counts={name: one.whole() for name, one in result["counts"].fields()},
    )


def _together(job: JobRow, items: Sequence[JobRecord]) -> JobRow:
    """A job that became items: it runs while one of them does, and ends as the worst of them."""
    if not items:
        return job
    ends = [one["ended_at"] for one in items if one["ended_at"] is not None]
    statuses = [one["status"] for one in items]
    bad = [one for one in statuses if one in BAD]
    good = "passed" if "passed" in statuses else statuses[0]
    running = len(ends) < len(items)
    return replace(
        job,
        status="running" if running else (bad or [good])[0],
        started_at=min((one["started_at"] for one in items if one["started_at"] is not None), default=None),
        ended_at=None if running else max(ends),
    )


def _recorded(job: JobRow, record: JobRecord) -> JobRow:
    result = Node(json.loads(record["result"] or "{}"))
    return replace(
        job,
        kind=record["kind"] or job.kind,
        stage=record["stage"] or job.stage,
        status=record["status"],
        attempt=record["attempt"],
        reason=result["reason"].text()[:MAX_REASON],
        started_at=record["started_at"],
        ended_at=record["ended_at"],
        has_log=bool(result["log"]) or record["ended_at"] is None,
        reused_from=result["reused"].text(),
    )


def wait_rows(view: RunView, texts: Sequence[str]) -> tuple[WaitRow, ...]:
    """What a run waits for, in its own texts, which begin with the job's name, and in others."""
    jobs = {job.id: job for job in view.jobs}
    rows = []
    for text in texts:
        name, colon, what = text.partition(": ")
        job = jobs.get(name) if colon else None
        asks = job is not None and job.status == "running" and job.kind in ("approval", "gate")
        rows.append(
            WaitRow(
                job=name if job else "",
                text=what if job else text,
                since=job.began_at if job else 0,
                approval=ids.approval_id(view.id, name) if asks else "",
            )
        )
    return tuple(rows)
