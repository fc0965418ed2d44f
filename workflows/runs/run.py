"""`run/NAME/N`: walks the plan of one run. A job starts the moment its needs are met."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio import workflow

from activities.pipelines.port import load_jobs
from activities.pods.port import AdmissionActivities, Demand
from activities.runs.port import Ended, PastInput, RunBegin, RunEnd, RunRecordActivities
from activities.triggers.port import DeliveryActivities
from domain.core import ids as keys
from domain.jobs import job_pod, retry
from domain.jobs import result as results
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import MAX_CELLS
from domain.queues.queue import Terms, Told
from domain.runs.progress import Progress
from pipeline_defs.core import expressions
from workflows.clusters import provision_job
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.jobs.expression_context import ExpressionContext, filled
from workflows.jobs.runner import JobContext
from workflows.queues.messages import Placed
from workflows.queues.slots import Places
from workflows.runs import details
from workflows.runs.job_dispatch import JobDispatcher
from workflows.runs.messages import JobView, RunInput, RunResult, RunView

RECORDS_PER_ACTIVITY = 100
MAX_BURST = 400
"""Jobs that are looked at before the workflow yields: an activation that takes two seconds is taken for a deadlock."""
RECORDED_HERE = (JobKind.APPROVAL, JobKind.DEPLOY, JobKind.PROVISION, JobKind.VOLUME)
"""Kinds without an activity of their own that would record their end; skips are recorded with the next record."""


@workflow.defn(name="PipelineWorkflow")
class RunWorkflow:
    @workflow.init
    def __init__(self, input: RunInput) -> None:
        self._input = input
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._views: dict[str, JobView] = {}
        self._unrecorded: list[Ended] = []
        self._items: dict[str, Any] = {}
        self._planned: list[str] = []
        self._spread_to: dict[str, list[str]] = {}
        self._changed = False
        self._cancelled = ""
        self._stage = ""
        self._waiting: dict[str, str] = {}
        self._progress: Progress = Progress([])
        self._seen = ExpressionContext({})
        self._reason = ""
        self._bug: Exception | None = None
        self._burst = 0
        self._recording: list[asyncio.Task[str]] = []
        self._places = Places(self._wait_for, self._evict)
        self._evicted: dict[str, str] = {}
        """Job that lost its place to the reason."""
        self._refused = ""

    @workflow.run
    async def run(self, input: RunInput) -> RunResult:
        try:
            await self._load(input)
            if input.problems:
                return await self._finish(Status.FAILED, "", input.problems[0].splitlines()[0])
            if self._cancelled:  # before the plan was here
                self._cancel_waiting()
            await self._admit()
            if input.plan.concurrency.group and not self._refused:
                await self._enter(input.plan.concurrency)
            await self._walk()
        except asyncio.CancelledError:
            self._cancelled = self._cancelled or "cancelled"
            await self._stop_jobs()
        if input.plan.concurrency.group:
            self._places.leave(workflow.info().workflow_id)
        await self._clear_away()
        status = self._outcome()
        return await self._finish(status, self._progress.stopped_by, self._why(status))

    async def _admit(self) -> None:
        """A run whose pods no quota lets through does not begin; what a job before them makes is not known yet."""
        pods = [job for job in self._jobs.values() if job.container and job.container.cluster and not job.skip]
        demands = [
            Demand(job.id, job.container.cluster, job.container.namespace, job_pod.demand(job))
            for job in pods
            if job.container and "${{" not in job.container.cluster
        ]
        if not demands or self._input.ended:
            return
        refused = await workflow.execute_activity_method(
            AdmissionActivities.admit, demands, **options.short("do its pods fit the quotas")
        )
        if refused:
            self._refused = "; ".join(refused)[:800]
            self._cancel_waiting("the run was refused before it began")

    async def _clear_away(self) -> None:
        """Clusters that were made for this run go with it, also when it was cancelled."""
        if any(job.provision and job.provision.ephemeral for job in self._jobs.values()):
            await asyncio.shield(provision_job.delete_ephemeral(self._context))

    async def _enter(self, terms: Terms) -> None:
        """Waits for the run's place in its group; without one, no job begins."""
        me = workflow.info().workflow_id
        entering = asyncio.create_task(self._places.enter(keys.queue_id("runs", terms.group), me, terms))
        try:
            await workflow.wait_condition(lambda: entering.done() or bool(self._cancelled))
        finally:
            entering.cancel()
        if not entering.done():  # somebody has cancelled the run
            return
        placed = entering.result()
        if placed.told == Told.REJECTED:
            self._refused = f"no place in {terms.group}: {placed.reason}"
            self._cancel_waiting("the run got no place in its group")
        elif placed.told == Told.CANCELLED:
            self._cancelled = self._cancelled or placed.reason
            self._cancel_waiting()

    # -- the plan ------------------------------------------------------------------------------------------------

    async def _load(self, input: RunInput) -> None:
        me, plan = workflow.info().workflow_id, input.plan
        first = plan.pages[0] if plan.pages else ""
        begin = RunBegin(
            me,
            input.pipeline,
            input.number,
            input.event,
            plan.digest,
            first,
            input.source,
            input.path,
            input.attempt,
            input.earlier,
            input.kept,
        )
        pages = [await workflow.execute_local_activity_method(RunRecordActivities.begin, begin, **options.STORED)]
        for digest in plan.pages[1:]:
            pages.append(
                await workflow.execute_local_activity_method(DeliveryActivities.load_page, digest, **options.STORED)
            )
        jobs = [job for page in pages for job in load_jobs(page)]
        run = {"pipeline": input.pipeline, "number": input.number, "attempt": input.attempt, "id": me}
        self._seen = ExpressionContext({"event": input.event.seen(), "params": plan.params, "run": run})
        self._progress = Progress(jobs, fail_fast=plan.fail_fast)
        for job in jobs:
            self._add(job)
        self._planned = [job.id for job in jobs]
        self._context = JobContext(
            me,
            input.pipeline,
            input.number,
            input.event,
            input.source,
            input.earlier,
            self._jobs,
            self._seen,
            self._wait_for,
        )
        self._dispatcher = JobDispatcher(self._context)
        if input.ended:
            await self._restore(input)

    def _add(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._seen.add(job)

    async def _restore(self, input: RunInput) -> None:
        """After a continue-as-new, or in a new attempt: statuses came along, results are in the records."""
        after = ""
        while True:
            past = await workflow.execute_local_activity_method(
                RunRecordActivities.past, PastInput(workflow.info().workflow_id, after), **options.STORED
            )
            self._seen.results.update(past.results)
            after = past.more_after
            if not after:
                break
        self._progress.restore(results.from_letters(self._planned, input.ended))
        for id_, text in input.spread.items():
            job = self._jobs[id_]
            context = self._seen.context(job, self._progress.needs_of(id_))
            self._spread(job, expressions.evaluate(job.for_each, context))
            self._progress.restore(results.from_letters(self._spread_to[id_], text))

    # -- walking -------------------------------------------------------------------------------------------------

    async def _walk(self) -> None:
        while not self._progress.finished:
            if self._bug is not None:
                raise self._bug
            if self._must_continue() and not self._tasks:
                await self._continue()
            if not self._must_continue():
                for id_ in self._progress.take():
                    self._tasks[id_] = asyncio.create_task(self._job(id_))
                    self._burst += 1
            self._stop_doomed()
            self._show()
            await workflow.wait_condition(lambda: self._changed)
            self._changed = False
            if self._burst >= MAX_BURST:  # thousands of skipped jobs must not be decided in one activation
                self._burst = 0
                await workflow.sleep(0.001, summary="a breath between many jobs")

    def _must_continue(self) -> bool:
        return workflow.info().is_continue_as_new_suggested()

    async def _continue(self) -> None:
        """Never with running jobs: they would be lost with this execution."""
        await asyncio.gather(*self._recording)
        await self._record(final=False)
        await self._places.settled()
        await workflow.wait_condition(workflow.all_handlers_finished)
        status = self._progress.status
        ended = results.letters(status.get(id_, Status.WAITING) for id_ in self._planned)
        spread = {id_: results.letters(status[item] for item in items) for id_, items in self._spread_to.items()}
        workflow.continue_as_new(replace(self._input, ended=ended, spread=spread, continued=self._input.continued + 1))

    def _stop_doomed(self) -> None:
        while self._progress.doomed:
            task = self._tasks.get(self._progress.doomed.pop())
            if task is not None:
                task.cancel()

    async def _stop_jobs(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        while self._tasks:
            await workflow.wait_condition(lambda: self._changed)
            self._changed = False
        self._cancel_waiting()

    def _cancel_waiting(self, why: str = "the run was cancelled before it began") -> None:
        for id_, status in list(self._progress.status.items()):
            if status is Status.WAITING:
                self._ended(self._jobs[id_], JobResult(Status.CANCELLED, why), 0)

    async def _job(self, id_: str) -> None:
        job, began = self._jobs[id_], workflow.time()
        try:
            result = await self._decide(job, began)
        except asyncio.CancelledError:
            why = "the run was cancelled" if self._cancelled else "another job failed, and this one was stopped with it"
            why = self._evicted.pop(id_, why)
            result = JobResult(Status.CANCELLED, why)
        except Exception as bug:
            self._bug = bug  # raised where it fails the workflow task: the run goes on with a mended engine
            result = None
        if result is not None:
            self._ended(job, result, began)
            if job.kind in RECORDED_HERE and result.status is not Status.SKIPPED:
                self._recording.append(asyncio.create_task(self._record(final=False)))
        self._tasks.pop(id_, None)
        self._changed = True

    async def _decide(self, job: Job, began: float) -> JobResult | None:
        """None: the job has become its items."""
        if job.skip:
            return JobResult(Status.SKIPPED, job.skip)
        context = self._seen.context(job, self._progress.needs_of(job.id), self._items.get(job.id))
        try:
            runs, why = expressions.condition(job.when, context)
            if not runs:
                return JobResult(Status.SKIPPED, why)
            if job.for_each and job.id not in self._items:
                return self._spread(job, expressions.evaluate(job.for_each, context))
            ready = filled(job, context)
        except expressions.ExpressionError as wrong:
            return JobResult(Status.FAILED, f"expression {wrong}", Failure.CHECK)
        return await (self._in_its_place if job.concurrency.group else self._attempts)(ready, began)

    async def _in_its_place(self, job: Job, began: float) -> JobResult:
        terms, who = job.concurrency, f"{workflow.info().workflow_id} {job.id}"
        if wrong := terms.complaint():
            return JobResult(Status.FAILED, wrong, Failure.CHECK)
        self._views[job.id] = JobView(job.id, job.kind, job.stage, "waiting", "", began)
        try:
            placed = await self._places.enter(keys.queue_id("jobs", terms.group), who, terms)
            if placed.told == Told.REJECTED:
                return JobResult(Status.REFUSED, f"no place in {terms.group}: {placed.reason}", Failure.CHECK)
            if placed.told == Told.CANCELLED:
                return JobResult(Status.CANCELLED, placed.reason)
            return await self._attempts(job, began)
        finally:
            self._places.leave(who)

    def _spread(self, job: Job, items: Any) -> JobResult | None:
        if not isinstance(items, list):
            return JobResult(
                Status.FAILED, f"for-each wants a list, and {job.for_each} is {type(items).__name__}", Failure.CHECK
            )
        if len(items) > MAX_CELLS:
            why = f"for-each has {len(items):,} items, and at most {MAX_CELLS:,} are allowed"
            return JobResult(Status.FAILED, why, Failure.CHECK)
        if not items:
            return JobResult(Status.SKIPPED, f"{job.for_each} is empty")
        cells = [replace(job, id=f"{job.id}[{index}]") for index in range(len(items))]
        self._seen.remove(job)
        for cell, item in zip(cells, items, strict=True):
            self._items[cell.id] = item
            self._add(cell)
        self._spread_to[job.id] = [cell.id for cell in cells]
        self._progress.expand(job.id, cells)
        return None

    async def _attempts(self, job: Job, began: float) -> JobResult:
        attempt = 1
        while True:
            self._views[job.id] = JobView(job.id, job.kind, job.stage, "running", "", began, attempt=attempt)
            result = await self._dispatcher.run(job, attempt)
            again = retry.decide(job.retry, result)
            if not again.again:
                if job.retry.attempts > 1 and result.status is Status.FAILED:
                    return replace(result, reason=f"{result.reason} ({again.reason})")
                return result
            await workflow.sleep(again.delay_s, summary=f"{job.id}: {again.reason}")
            attempt += 1

    def _ended(self, job: Job, result: JobResult, began: float) -> None:
        now = workflow.time()
        began = began or now
        self._seen.results[job.id] = result
        self._waiting.pop(job.id, None)
        self._views[job.id] = JobView(
            job.id, job.kind, job.stage, result.status, result.reason, began, round(now - began, 3), result.attempt
        )
        decisions = self._context.decisions.get(job.id, ())
        self._unrecorded.append(Ended(job.id, job.kind, job.stage, result, began, now, decisions))
        self._progress.finish(job.id, result.status)

    # -- the end -------------------------------------------------------------------------------------------------

    def _outcome(self) -> Status:
        if self._cancelled:
            return Status.CANCELLED
        return Status.REFUSED if self._refused else self._progress.outcome()

    def _why(self, status: Status) -> str:
        if self._cancelled or self._refused:
            return self._cancelled or self._refused
        stopped = self._progress.stopped_by
        return f"{stopped}: {self._seen.results[stopped].reason}" if stopped else "every job passed or was skipped"

    async def _finish(self, status: Status, stopped_by: str, reason: str) -> RunResult:
        self._reason = reason
        self._waiting.clear()
        await asyncio.gather(*self._recording)
        await self._places.settled()
        report = await self._record(final=True, status=status, stopped_by=stopped_by, reason=reason)
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(status)), attributes.WAITING_FOR.value_unset()]
        )
        workflow.set_current_details(details.ended(self.view(), self._input.problems))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return RunResult(str(status), stopped_by, reason, report)

    async def _record(
        self, *, final: bool, status: Status = Status.RUNNING, stopped_by: str = "", reason: str = ""
    ) -> str:
        me, digest = workflow.info().workflow_id, ""
        pages: Sequence[list[Ended]] = [
            self._unrecorded[at : at + RECORDS_PER_ACTIVITY]
            for at in range(0, len(self._unrecorded), RECORDS_PER_ACTIVITY)
        ] or [[]]
        self._unrecorded = []
        for index, page in enumerate(pages):
            last = final and index == len(pages) - 1
            end = RunEnd(me, str(status), stopped_by, reason, tuple(_slim(job) for job in page), last)
            digest = await workflow.execute_activity_method(
                RunRecordActivities.end, end, **options.record(f"record: {status}")
            )
        return digest

    # -- seeing --------------------------------------------------------------------------------------------------

    def _wait_for(self, job: str, what: str) -> None:
        """An approval or a lock that a person may have to do something about; an empty text ends the wait."""
        if what:
            self._waiting[job] = what
        else:
            self._waiting.pop(job, None)
        first = next(iter(self._waiting.values()), "")
        workflow.upsert_search_attributes(
            [attributes.WAITING_FOR.value_set(first[:200]) if first else attributes.WAITING_FOR.value_unset()]
        )
        self._changed = True

    def _show(self) -> None:
        stages = [self._jobs[id_].stage for id_ in self._tasks]
        if stages and self._stage not in stages:
            self._stage = stages[0]
            workflow.upsert_search_attributes([attributes.STAGE.value_set(self._stage)])
        workflow.set_current_details(details.running(self._input, self._views, self._tasks, self._waiting))

    @workflow.signal(description="What a queue says of a place that was asked for")
    def placed(self, placed: Placed) -> None:
        self._places.hear(placed)

    def _evict(self, job: str, reason: str) -> None:
        """A newer one wants the place: the job is stopped, or the whole run."""
        if not job:
            self._cancel(reason)
        elif job in self._tasks:
            self._evicted[job] = reason
            self._tasks[job].cancel()

    @workflow.query(description="Jobs, what is awaited, and how the run stands")
    def view(self) -> RunView:
        ended = self._progress.finished or bool(self._reason)
        status = self._outcome() if ended or self._cancelled else Status.RUNNING
        if self._input.problems:
            status = Status.FAILED
        return RunView(
            workflow.info().workflow_id,
            str(status),
            tuple(self._views[id_] for id_ in list(self._views)[-1000:]),
            tuple(f"{job}: {what}" if job else what for job, what in self._waiting.items()),
            self._progress.stopped_by,
            self._reason,
            len(self._jobs),
        )

    @workflow.update(description="Stop the run: every process is stopped, releases go back")
    def cancel(self, reason: str) -> str:
        self._cancel(reason or "cancelled")
        return self._cancelled

    def _cancel(self, reason: str) -> None:
        self._cancelled = self._cancelled or reason
        for task in list(self._tasks.values()):
            task.cancel()
        self._cancel_waiting()
        self._changed = True


def _slim(job: Ended) -> Ended:
    return replace(job, result=replace(job.result, reason=job.result.reason[:800]))
