"""Runs on the engine and its records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from activities.pipelines.plan_rows import plan_rows
from activities.releases.release_reader import ReleaseReader
from activities.runs.run_lists import PIPELINE_COLUMNS, RUN_COLUMNS, Before, ListedPipeline, ListedRun, WantedRuns
from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from domain.core.errors import SluicewayError
from domain.runs.naming import named_by
from workers.client.guard import Readable, needed, readable_by
from workers.client.on_engine.lists import condition_of, page_of
from workers.client.on_engine.parts import RECORDED_EVERY_S, temporal_path
from workers.client.on_engine.runs import run_rows
from workers.client.on_engine.runs.logs import JobLogs
from workers.client.on_engine.runs.run_changes import RunChanges
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.runs import JobRow, PipelineRow, RunDetails, RunFilter, RunRow, WaitRow

if TYPE_CHECKING:
    from domain.jobs.record import JobRecord
    from domain.releases.record import ReleaseRecord
    from domain.runs.record import RunRecord
    from workers.client.client import Engine

ANSWERS_WITHIN_S = 2.0
"""A run's own words: without them, its page shows what is recorded."""
REPORT_WITHIN_S = 10.0
"""After the end of a run, which the report tells too. One that was ended from outside has none."""
NEWEST = (float, str)


class EngineRuns(RunChanges, JobLogs):
    """Implements `Runs`."""

    async def list(self, which: RunFilter, page: PageOf) -> Page[RunRow]:
        """Newest first; only what the caller may read."""
        of = ("runs", which.pipeline, which.status, which.branch, which.text)
        limit, after = limit_of(page), after_of(page, NEWEST, *of)
        wanted = WantedRuns(pipeline=which.pipeline, status=which.status, branch=which.branch, text=which.text)
        readable = await readable_by(self._guard, Action.RUNS_READ, ResourceKind.RUN)
        now = time.time()
        look = self._searched if which.text else self._listed
        rows, last = await self._parts.read(lambda: look(wanted, readable, after, limit))
        return Page(tuple(map(run_rows.row_of, rows)), next_of(last, *of) if last else "", now)

    def _listed(
        self, wanted: WantedRuns, readable: Readable, after: Key | None, limit: int
    ) -> tuple[Sequence[ListedRun], Key | None]:
        may = condition_of(readable, RUN_COLUMNS)

        def look(before: Key | None, most: int) -> Sequence[ListedRun]:
            return self._lists.runs(wanted, _before(before), most, may)

        return page_of(readable, look, _started, run_rows.resource_of, after, limit)

    def _searched(
        self, wanted: WantedRuns, readable: Readable, after: Key | None, limit: int
    ) -> tuple[Sequence[ListedRun], Key | None]:
        """Those that the text names, whenever they were; else those that hold it among the next newest."""
        if name := named_by(wanted.text):
            found, last = self._listed(replace(wanted, text="", named=name), readable, after, limit)
            if found:
                return found, last
        oldest = self._lists.looked_at(wanted, _before(after))
        found, last = self._listed(replace(wanted, since=oldest), readable, after, limit)
        return found, last or ((oldest, "") if oldest else None)

    async def pipelines(self, page: PageOf) -> Page[PipelineRow]:
        """By name, each with its last run."""
        limit, after = limit_of(page), after_of(page, (str,), "pipelines")
        readable = await readable_by(self._guard, Action.RUNS_READ, ResourceKind.PIPELINE)
        may = condition_of(readable, PIPELINE_COLUMNS)

        def look(before: Key | None, most: int) -> Sequence[ListedPipeline]:
            return self._lists.pipelines(str(before[0]) if before else "", most, may)

        def read() -> tuple[list[PipelineRow], Key | None]:
            rows, last = page_of(readable, look, _name, _pipeline_resource, after, limit)
            runs = self._lists.named([row["last_run"] for row in rows])
            return [_pipeline(row, runs.get(row["last_run"])) for row in rows], last

        now = time.time()
        found, last = await self._parts.read(read)
        return Page(tuple(found), next_of(last, "pipelines") if last else "", now)

    async def show(self, run: str, *, results: bool = False) -> RunDetails:
        """From the records; what a run under way waits for, and the errors that it meets, from the engine."""
        row, record = await self._known(run, Action.RUNS_READ)
        if results:
            await needed(self._guard, Action.LOGS_READ, run_rows.resource_of(row))
        planned, recorded, releases, attempts = await self._parts.read(lambda: self._about(record))
        running = record["ended_at"] is None
        open_ = [one["id"] for one in releases if not one["ended_at"]]
        waits, errors = await self._asked(record["id"], open_) if running else ((), ())
        return RunDetails(
            row=run_rows.row_of(row),
            jobs=run_rows.job_rows(planned, recorded),
            earlier=run_rows.earlier_rows(planned, recorded),
            waits=waits or (),
            answers=waits is not None,
            releases=tuple(one["id"] for one in releases),
            attempts=attempts,
            errors=errors,
            has_report=bool(record["report"]),
            temporal=temporal_path(record["id"], self._parts.settings.namespace),
            can_rerun=not running,
            results=run_rows.results_of(record["event"], recorded) if results else None,
        )

    def _about(
        self, record: RunRecord
    ) -> tuple[Sequence[JobRow], Sequence[JobRecord], Sequence[ReleaseRecord], tuple[str, ...]]:
        releases = ReleaseReader(self._parts.rows).of_run(record["id"])
        attempts = tuple(row["id"] for row in self._reader.attempts(record["pipeline"], record["number"]))
        return self._planned(record), self._reader.jobs(record["id"]), releases, attempts

    def _planned(self, record: RunRecord) -> Sequence[JobRow]:
        """Nothing when the plan has expired, or the definition had errors."""
        try:
            jobs = plan_rows(self._parts.store, record["plan"]) if record["plan"] else ()
            return [run_rows.planned_row(job) for job in jobs]
        except SluicewayError:
            return []

    async def _asked(self, run: str, releases: Sequence[str]) -> tuple[tuple[WaitRow, ...] | None, tuple[str, ...]]:
        """What it waits for, or the errors that keep it, or an approval or a release of it, from going on.

        None: nobody says what it waits for.
        """
        from workers.client import engine_errors

        try:
            engine = await self._parts.engine()
        except SluicewayError:
            return None, ()
        waits, errors = await asyncio.gather(_waits(engine, run, releases), engine_errors.of_family(engine, run))
        return (None if errors else waits), tuple(map(str, errors))

    async def report(self, run: str) -> bytes:
        """The HTML report, which is written a moment after the run's end."""
        _, record = await self._known(run, Action.RUNS_READ)
        while not record["report"] and time.time() - (record["ended_at"] or 0) < REPORT_WITHIN_S:
            await asyncio.sleep(RECORDED_EVERY_S)
            _, record = await self._find(run)
        if not record["report"]:
            why = "it has not ended" if record["ended_at"] is None else "it has none"
            raise SluicewayError("SLW913", f"{record['id']} has no report", why=why)
        return await self._parts.read(lambda: self._parts.store.get(record["report"]))


def _before(key: Key | None) -> Before | None:
    return (float(key[0]), str(key[1])) if key else None


async def _waits(engine: Engine, run: str, releases: Sequence[str]) -> tuple[WaitRow, ...] | None:
    """None, when nobody answers in time."""
    from workers.client import runs, waiting

    async def asked() -> tuple[WaitRow, ...]:
        view = await runs.view(engine, run)
        return run_rows.wait_rows(view, await waiting.waits(engine, view, releases))

    try:
        return await asyncio.wait_for(asked(), ANSWERS_WITHIN_S)
    except (SluicewayError, TimeoutError):
        return None


def _started(row: ListedRun) -> Key:
    return row["started_at"], row["id"]


def _name(row: ListedPipeline) -> Key:
    return (row["name"],)


def _pipeline_resource(row: ListedPipeline) -> Resource:
    return run_rows.pipeline_resource(row["name"])


def _pipeline(row: ListedPipeline, last: ListedRun | None) -> PipelineRow:
    return PipelineRow(
        name=row["name"],
        repository=row["repository"],
        path=row["path"],
        last=run_rows.row_of(last) if last else None,
        runs=row["runs"],
    )
