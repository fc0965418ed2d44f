"""Runs in memory."""

from __future__ import annotations

from dataclasses import replace

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core import ids
from domain.core.errors import RefusedError, SluicewayError
from tests.support.memory_client.world import NOW, World, listed, readable, resource
from workers.client.guard import Guard
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.runs import (
    JobLeft,
    LogPart,
    NewAttempt,
    ParamField,
    PipelineRow,
    RunDetails,
    RunFilter,
    RunResults,
    RunRow,
    StartRun,
)

RUN, PIPELINE = ResourceKind.RUN, ResourceKind.PIPELINE


class MemoryRuns:
    """Implements `Runs`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def list(self, which: RunFilter, page: PageOf) -> Page[RunRow]:
        """Newest first."""
        self._guard.readable(Action.RUNS_READ, RUN)
        rows = [
            one.row for one in self._world.runs.values() if _matches(one.row, which) and readable(self._guard, one.row)
        ]
        return listed(rows, lambda row: (row.started_at, row.id), page, repr(which), newest_first=True)

    async def pipelines(self, page: PageOf) -> Page[PipelineRow]:
        """By name, with the last run."""
        rows = [self._with_last(one) for one in self._world.pipelines.values()]
        return listed([one for one in rows if readable(self._guard, one)], lambda row: (row.name,), page)

    def _with_last(self, one: PipelineRow) -> PipelineRow:
        of = [run.row for run in self._world.runs.values() if run.row.pipeline == one.name]
        return replace(one, last=max(of, key=lambda row: row.started_at, default=None), runs=len(of))

    async def show(self, run: str, *, results: bool = False) -> RunDetails:
        """Raises SLW911 and SLW410."""
        found = self._allowed(Action.RUNS_READ, run)
        if not results:
            return found
        self._allowed(Action.LOGS_READ, run)
        ended = [one for one in found.jobs if one.ended_at is not None]
        left = (JobLeft(job=one.id, attempt=one.attempt, status=one.status, outputs={"of": one.id}) for one in ended)
        return replace(found, results=RunResults(event={"kind": found.row.event}, jobs=tuple(left)))

    def _allowed(self, action: Action, run: str) -> RunDetails:
        found = self._world.run(run)
        self._guard.need(action, resource(RUN, found.row.id, pipeline=found.row.pipeline))
        attempts = [
            one.row
            for one in self._world.runs.values()
            if (one.row.pipeline, one.row.number) == (found.row.pipeline, found.row.number)
        ]
        return replace(found, attempts=tuple(row.id for row in sorted(attempts, key=lambda row: row.attempt)))

    async def log(self, run: str, job: str, attempt: int = 1, *, first: int = 0, limit: int = 500) -> LogPart:
        """Raises SLW915 for a job that did not run."""
        found = self._allowed(Action.LOGS_READ, run)
        lines = self._world.logs.get((found.row.id, job, attempt))
        if lines is None:
            raise SluicewayError("SLW915", f"{found.row.id} ran no job '{job}'")
        start = first - 1 if first else max(0, len(lines) - limit)
        part = tuple(lines[start : start + limit])
        running = any(one.id == job and one.attempt == attempt and one.ended_at is None for one in found.jobs)
        return LogPart(lines=part, first=part[0].number if part else 0, total=len(lines), ended=not running)

    async def search(self, run: str, job: str, attempt: int, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """In any case."""
        found = self._allowed(Action.LOGS_READ, run)
        lines = self._world.logs.get((found.row.id, job, attempt), [])
        return tuple(line.number for line in lines if text.casefold() in line.text.casefold())[:limit]

    async def report(self, run: str) -> bytes:
        """Raises SLW913."""
        found = self._allowed(Action.RUNS_READ, run)
        if found.row.id not in self._world.reports:
            raise SluicewayError("SLW913", f"{found.row.id} has no report")
        return self._world.reports[found.row.id]

    async def params(self, pipeline: str) -> tuple[ParamField, ...]:
        """Raises SLW911 for an unknown pipeline."""
        self._guard.need(Action.DEFINITIONS_READ, resource(PIPELINE, pipeline, pipeline=pipeline))
        self._known(pipeline)
        return self._world.params.get(pipeline, ())

    def _known(self, pipeline: str) -> None:
        if pipeline not in self._world.pipelines:
            raise SluicewayError("SLW911", f"no pipeline '{pipeline}' is known")

    async def start(self, what: StartRun, key: str) -> str:
        """The next number of the pipeline."""
        async with self._guard.use(
            Action.RUNS_START, resource(PIPELINE, what.pipeline, pipeline=what.pipeline)
        ) as told:
            self._known(what.pipeline)
            found = self._world.once(key, what, lambda: self._started(what))
            told.tell(run=found)
            return found

    def _started(self, what: StartRun) -> str:
        numbers = [one.row.number for one in self._world.runs.values() if one.row.pipeline == what.pipeline]
        number = max(numbers, default=0) + 1
        row = RunRow(
            id=ids.run_id(what.pipeline, number),
            pipeline=what.pipeline,
            number=number,
            attempt=1,
            status="running",
            branch=what.branch or "main",
            event="manual",
            started_at=NOW,
        )
        self._world.runs[row.id] = RunDetails(row=row, attempts=(row.id,))
        return row.id

    async def cancel(self, run: str, reason: str, *, now: bool = False, key: str = "") -> str:
        """Raises SLW905 when it has ended."""
        found = self._world.run(run)
        async with self._guard.use(Action.RUNS_CANCEL, resource(RUN, found.row.id, pipeline=found.row.pipeline)):
            return self._world.once(key, ("cancel", run, reason, now), lambda: self._cancelled(found, reason))

    def _cancelled(self, found: RunDetails, reason: str) -> str:
        if found.row.status != "running":
            raise RefusedError("SLW905", f"the run has ended: {found.row.status}", where=found.row.id)
        self._world.change(found, "cancelled", reason)
        return f"{found.row.id} is being cancelled; cancel it again to end it at once"

    async def rerun(
        self, run: str, *, everything: bool = False, job: str = "", changed: bool = False, key: str = ""
    ) -> NewAttempt:
        """The next attempt. Raises SLW905 while it runs."""
        found = self._world.run(run)
        async with self._guard.use(Action.RUNS_RERUN, resource(RUN, found.row.id, pipeline=found.row.pipeline)):
            return self._world.once(key, ("rerun", run, everything, job, changed), lambda: self._again(found))

    def _again(self, found: RunDetails) -> NewAttempt:
        if found.row.status == "running":
            raise RefusedError("SLW905", "the run has not ended", where=found.row.id)
        attempt = found.row.attempt + 1
        id_ = ids.run_id(found.row.pipeline, found.row.number, attempt)
        row = replace(found.row, id=id_, attempt=attempt, status="running", started_at=NOW, ended_at=None, reason="")
        self._world.runs[id_] = RunDetails(row=row, jobs=found.jobs)
        return NewAttempt(id=id_, count=len(found.jobs), jobs=len(found.jobs))


def _matches(row: RunRow, which: RunFilter) -> bool:
    exact = (
        which.pipeline in ("", row.pipeline) and which.status in ("", row.status) and which.branch in ("", row.branch)
    )
    within = (row.id, row.commit, row.branch, row.author, row.message)
    return exact and any(which.text.casefold() in text.casefold() for text in within)
