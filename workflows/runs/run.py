"""`run/NAME/N`: executes the plan of one run. A job starts as soon as its needs are met."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from dataclasses import replace

from temporalio import workflow

from activities.runs.port import Ended
from domain.core import ids
from domain.core.values import Json
from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.queues.queue import ConcurrencyPolicy, SlotStatus
from workflows.clusters import provision_job
from workflows.core import search_attributes as attributes
from workflows.core.failures import ended_badly, ended_cancelled
from workflows.jobs.runner import JobContext
from workflows.queues.messages import SlotAnswer
from workflows.queues.slots import SlotClient
from workflows.releases.messages import ReleaseEnded
from workflows.runs import admission, details
from workflows.runs.cancellation import Cancellation
from workflows.runs.job_dispatch import JobDispatcher
from workflows.runs.job_table import JobTable
from workflows.runs.job_task import JobTask
from workflows.runs.journal import Journal
from workflows.runs.messages import RunInput, RunResult, RunView

MAX_BURST = 400
"""Jobs evaluated before the workflow yields: Temporal treats an activation of two seconds as a deadlock."""
SEES_ANCESTORS = "failure-sees-ancestors"
"""Histories from before this patch asked the direct needs alone."""
RECORDED_HERE = (JobKind.APPROVAL, JobKind.DEPLOY, JobKind.PROVISION, JobKind.VOLUME, JobKind.ARGOCD_SYNC)
"""Kinds without an activity that records their end; skipped jobs are recorded with the next record."""


@workflow.defn(name="PipelineWorkflow")
class RunWorkflow:
    """One attempt of a run: starts each job once its needs have ended, until none is left."""

    @workflow.init
    def __init__(self, input: RunInput) -> None:
        self._input = input
        self._me = workflow.info().workflow_id
        self._table = JobTable({})
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._journal = Journal(self._me)
        self._slots = SlotClient(self._wait_for, self._evict)
        self._evicted: dict[str, str] = {}
        """Job that lost its slot, to the reason."""
        self._waiting: dict[str, str] = {}
        """Job (empty: the run itself) to what it waits for."""
        self._changed = False
        self._burst = 0
        self._stage = ""
        self._cancellation = Cancellation(input.cancelled)
        self._refused = self._reason = ""
        self._bug: Exception | None = None
        self._result: RunResult | None = None

    @workflow.run
    async def run(self, input: RunInput) -> RunResult:
        """The result of the run. A cancel stops its jobs first; clusters that the run owns are deleted at the end."""
        try:
            await self._load(input)
            if input.problems:
                return await self._finish(Status.FAILED, "", input.problems[0].splitlines()[0])
            if self._cancellation.reason and not input.cancelled:  # cancelled before the plan was loaded
                self._cancel_waiting()
            await self._admit()
            if input.plan.concurrency.group and not self._refused:
                await self._enter(input.plan.concurrency)
            await self._walk()
        except asyncio.CancelledError:
            await self._cancelled_by_temporal()
        if input.plan.concurrency.group:
            self._slots.leave(self._me)
        await self._delete_clusters()
        status = self._outcome()
        return await self._finish(status, self._table.progress.stopped_by, self._why(status))

    # -- before the first job ------------------------------------------------------------------------------------

    async def _load(self, input: RunInput) -> None:
        jobs = await self._journal.begin(input)
        run: dict[str, Json] = {
            "pipeline": input.pipeline,
            "number": input.number,
            "attempt": input.attempt,
            "id": self._me,
        }
        base: dict[str, Json] = {"event": input.event.seen(), "params": input.plan.params, "run": run}
        self._table = table = JobTable(
            base, jobs, fail_fast=input.plan.fail_fast, sees_ancestors=lambda: workflow.patched(SEES_ANCESTORS)
        )
        self._context = JobContext(
            run=self._me,
            pipeline=input.pipeline,
            number=input.number,
            event=input.event,
            source=input.source,
            earlier=input.earlier,
            jobs=table.jobs,
            values=table.values,
            waits_for=self._wait_for,
            plan=input.plan.digest,
            params=input.plan.params,
        )
        self._job_task = JobTask(self._me, table, self._slots, JobDispatcher(self._context).run)
        if input.ended:  # after a continue-as-new, or in a new attempt
            table.restore(input.ended, input.spread, await self._journal.past())

    async def _admit(self) -> None:
        """Refuses a run whose pods exceed a quota."""
        refused = "" if self._input.ended else await admission.refused(self._table.jobs.values())
        if refused:
            self._refused = refused
            self._cancel_waiting("the run was refused before its start")

    async def _enter(self, terms: ConcurrencyPolicy) -> None:
        """Waits for the run's slot in its group; without one, no job starts."""
        queue = ids.queue_id("runs", terms.group)
        entering = asyncio.create_task(self._slots.enter(queue, self._me, terms))
        try:
            await workflow.wait_condition(lambda: entering.done() or bool(self._cancellation.reason))
        finally:
            entering.cancel()
        if not entering.done():  # the run was cancelled
            return
        placed = entering.result()
        if placed.told == SlotStatus.REJECTED:
            self._refused = f"no slot in {terms.group}: {placed.reason}"
            self._cancel_waiting("the run was refused a slot in its group")
        elif placed.told == SlotStatus.CANCELLED:
            self._cancel(placed.reason)

    # -- scheduling ------------------------------------------------------------------------------------------------

    async def _walk(self) -> None:
        while not self._table.progress.finished:
            if self._bug is not None:
                raise self._bug
            if self._must_continue() and not self._tasks:
                await self._continue()
            if not self._must_continue():
                for id_ in self._table.progress.take():
                    self._tasks[id_] = asyncio.create_task(self._job(id_))
                    self._burst += 1
            self._stop_doomed()
            self._show()
            await workflow.wait_condition(lambda: self._changed)
            self._changed = False
            if self._burst >= MAX_BURST:  # thousands of skipped jobs must not be processed in one activation
                self._burst = 0
                await workflow.sleep(0.001, summary="pause between many jobs")

    def _must_continue(self) -> bool:
        return workflow.info().is_continue_as_new_suggested()

    async def _continue(self) -> None:
        """Only without running jobs: they would be lost with this execution."""
        await self._journal.written()
        await self._journal.write()
        await self._slots.settled()
        await workflow.wait_condition(workflow.all_handlers_finished)
        ended, spread = self._table.letters()
        again = replace(self._input, ended=ended, spread=spread, continued=self._input.continued + 1)
        workflow.continue_as_new(replace(again, cancelled=self._cancellation.reason))

    async def _job(self, id_: str) -> None:
        job, began = self._table.jobs[id_], workflow.time()
        try:
            result = await self._job_task.run(job, began)
        except asyncio.CancelledError:
            why = "the run was cancelled" if self._cancellation.reason else "stopped because another job failed"
            why = self._evicted.pop(id_, why)
            result = JobResult(Status.CANCELLED, why)
        except Exception as bug:
            self._bug = bug  # raised where it fails the workflow task: the run continues with a repaired engine
            result = None
        if result is not None:
            self._end(job, result, began)
            if job.kind in RECORDED_HERE and result.status is not Status.SKIPPED:
                self._journal.write_soon()
        self._tasks.pop(id_, None)
        self._changed = True

    def _end(self, job: Job, result: JobResult, began: float = 0) -> None:
        now = workflow.time()
        began = began or now
        self._waiting.pop(job.id, None)
        decisions = self._context.decisions.get(job.id, ())
        self._journal.add(
            Ended(
                id=job.id,
                kind=job.kind,
                stage=job.stage,
                result=result,
                began_at=began,
                ended_at=now,
                decisions=decisions,
            )
        )
        self._table.end(job, result, began, now)

    # -- stopping ------------------------------------------------------------------------------------------------

    def _stop_doomed(self) -> None:
        doomed = self._table.progress.doomed
        while doomed:
            task = self._tasks.get(doomed.pop())
            if task is not None:
                task.cancel()

    async def _cancelled_by_temporal(self) -> None:
        self._cancel(workflow.cancellation_reason() or "cancelled", now=bool(self._cancellation.reason))
        if self._cancellation.kept(self._table, self._tasks):
            await self._walk()
        while self._tasks:
            await workflow.wait_condition(lambda: self._changed)
            self._changed = False
        self._cancel_waiting()

    def _cancel_waiting(self, why: str = "the run was cancelled before its start", but: Container[str] = ()) -> None:
        for job in self._table.waiting:
            if job.id not in but:
                self._end(job, JobResult(Status.CANCELLED, why, began=False))

    def _evict(self, job: str, reason: str) -> None:
        """A newer request takes the slot: stops the job, or the whole run."""
        if not job:
            self._cancel(reason)
        elif job in self._tasks:
            self._evicted[job] = reason
            self._tasks[job].cancel()

    def _cancel(self, reason: str, *, now: bool = False) -> None:
        self._cancellation.ask(reason, now=now)
        kept = self._cancellation.kept(self._table, self._tasks)
        for task in list(self._cancellation.stops(self._tasks, kept)):
            task.cancel()
        self._cancel_waiting(but=kept)
        self._changed = True

    async def _delete_clusters(self) -> None:
        """Deletes the clusters that the run owns, also after a cancel."""
        if any(job.provision and job.provision.ephemeral for job in self._table.jobs.values()):
            await asyncio.shield(provision_job.delete_ephemeral(self._context))

    # -- the end -------------------------------------------------------------------------------------------------

    def _outcome(self) -> Status:
        if self._cancellation.reason:
            return Status.CANCELLED
        return Status.REFUSED if self._refused else self._table.progress.outcome()

    def _why(self, status: Status) -> str:
        if self._cancellation.reason or self._refused:
            return self._cancellation.reason or self._refused
        if stopped := self._table.progress.stopped_by:
            return f"{stopped}: {self._table.values.results[stopped].reason}"
        return "all jobs passed or were skipped"

    async def _finish(self, status: Status, stopped_by: str, reason: str) -> RunResult:
        self._reason = reason
        self._waiting.clear()
        await self._journal.written()
        await self._slots.settled()
        report = await self._journal.finish(status, stopped_by, reason)
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(status)), attributes.WAITING_FOR.value_unset()]
        )
        workflow.set_current_details(details.ended(self.view(), self._input.problems))
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._result = result = RunResult(str(status), stopped_by, reason, report)
        if status is Status.PASSED:
            return result
        if status is Status.CANCELLED:
            return await ended_cancelled(result)
        return ended_badly("Run", str(status), reason, result)

    # -- messages and queries -------------------------------------------------------------------------------------

    def _wait_for(self, job: str, what: str) -> None:
        """Shows an approval or a lock that people may act on; an empty text ends the wait."""
        if what:
            self._waiting[job] = what
        else:
            self._waiting.pop(job, None)
        first = next(iter(self._waiting.values()), "")[:200]
        shown = attributes.WAITING_FOR.value_set(first) if first else attributes.WAITING_FOR.value_unset()
        if workflow.in_workflow():  # else a worker forgets the run, and closes what waits in it
            workflow.upsert_search_attributes([shown])
        self._changed = True

    def _show(self) -> None:
        stages = [self._table.jobs[id_].stage for id_ in self._tasks]
        if stages and self._stage not in stages:
            self._stage = stages[0]
            workflow.upsert_search_attributes([attributes.STAGE.value_set(self._stage)])
        workflow.set_current_details(details.running(self._input, self._table.views, self._tasks, self._waiting))

    @workflow.signal(description="A queue's answer to a request for a slot")
    def placed(self, placed: SlotAnswer) -> None:
        """Sent by a queue, for the run itself or for one of its jobs."""
        self._slots.hear(placed)

    @workflow.signal(description="How a release of this run ended that was cancelled")
    def release_ended(self, ended: ReleaseEnded) -> None:
        """Sent by a release whose job was cancelled, with its result."""
        self._context.releases[ended.release] = ended.result

    @workflow.query(description="How the run ended; empty while it runs")
    def result(self) -> RunResult | None:
        """The workflow's result, also when it failed."""
        return self._result

    @workflow.query(description="Status of the run and its jobs, and what it waits for")
    def view(self) -> RunView:
        """The last 1,000 started jobs; while running, the status so far."""
        views, progress = self._table.views, self._table.progress
        ended = progress.finished or bool(self._reason)
        status = self._outcome() if ended or self._cancellation.reason else Status.RUNNING
        if self._input.problems:
            status = Status.FAILED
        waiting = {job: f"{job}: {what}" if job else what for job, what in self._waiting.items()}
        return RunView(
            id=self._me,
            status=str(status),
            jobs=tuple(views[id_] for id_ in list(views)[-1000:]),
            waiting_for=tuple(waiting.values()),
            stopped_by=progress.stopped_by,
            reason=self._reason,
            total=len(self._table.jobs),
            slots={who: waiting[job] for who, job in self._slots.awaited().items() if job in waiting},
        )

    @workflow.query(description="Whether the run is to end at once, without the grace of its jobs")
    def ends_now(self) -> bool:
        """Asked by jobs that take their time to end."""
        return self._cancellation.now

    @workflow.update(description="Cancel the run: processes are stopped, releases roll back; a second time: at once")
    def cancel(self, reason: str, now: bool = False) -> str:
        """Cancels with a reason; the first reason is kept. Jobs with always() still run, until a second cancel."""
        self._cancel(reason or "cancelled", now=now or bool(self._cancellation.reason))
        return self._cancellation.reason
