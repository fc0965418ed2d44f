"""The jobs of one run: definitions, statuses, results, for-each items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from domain.jobs import result as results
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from domain.pipelines.plan import MAX_CELLS
from domain.runs.progress import Progress
from pipeline_defs.core import expressions
from workflows.jobs.expression_context import ExpressionContext, Value
from workflows.runs.messages import JobView


class JobTable:
    """The jobs of a run by id, with views, results and progress. Starts nothing itself."""

    def __init__(
        self,
        base: Mapping[str, Value],
        jobs: Sequence[Job] = (),
        *,
        fail_fast: bool = False,
        sees_ancestors: Callable[[], bool] = lambda: True,
    ) -> None:
        """`base`: the values of expressions besides the jobs (event, params, run).

        `sees_ancestors`: whether failure() knows of more than the direct needs; asked only where it matters.
        """
        self._sees_ancestors = sees_ancestors
        self.jobs: dict[str, Job] = {}
        self.views: dict[str, JobView] = {}
        """Started and ended jobs, oldest first."""
        self.values = ExpressionContext(base)
        self.progress: Progress = Progress(jobs, fail_fast=fail_fast)
        self._items: dict[str, Value] = {}
        self._planned = [job.id for job in jobs]
        self._expanded: dict[str, list[str]] = {}
        """For-each job to its items' ids."""
        for job in jobs:
            self._add(job)

    def _add(self, job: Job) -> None:
        self.jobs[job.id] = job
        self.values.add(job)

    def context(self, job: Job) -> dict[str, Value]:
        """The context of a job's expressions once its needs have ended."""
        context = self.values.context(job, self.progress.needs_of(job.id), self._items.get(job.id))
        if expressions.mentions_status(job.when) and self.progress.failed_above(job.id) and self._sees_ancestors():
            context[expressions.FAILED_ABOVE] = True
        return context

    def begins(self, job: Job, status: str, began: float, attempt: int = 1) -> None:
        """Marks the job as running; `began` in seconds since the epoch."""
        self.views[job.id] = JobView(
            id=job.id, kind=job.kind, stage=job.stage, status=status, reason="", began_at=began, attempt=attempt
        )

    def end(self, job: Job, result: JobResult, began: float, now: float) -> None:
        """Records the result for expressions, and releases dependents."""
        self.values.results[job.id] = result
        took = round(now - began, 3)
        self.views[job.id] = JobView(
            id=job.id,
            kind=job.kind,
            stage=job.stage,
            status=result.status,
            reason=result.reason,
            began_at=began,
            seconds=took,
            attempt=result.attempt,
        )
        self.progress.finish(job.id, result.status)

    @property
    def waiting(self) -> list[Job]:
        """Jobs, cells and items that were neither started nor skipped."""
        return [self.jobs[id_] for id_, status in self.progress.status.items() if status is Status.WAITING]

    # -- for-each ------------------------------------------------------------------------------------------------

    def must_expand(self, job: Job) -> bool:
        """Whether its for-each is still to be evaluated."""
        return bool(job.for_each) and job.id not in self._items

    def expand(self, job: Job, items: Value) -> JobResult | None:
        """Replaces the job by its items; returns a result instead when that fails or the list is empty."""
        if not isinstance(items, list):
            why = f"for-each needs a list, but {job.for_each} is {type(items).__name__}"
            return JobResult(Status.FAILED, why, Failure.CHECK)
        if len(items) > MAX_CELLS:
            why = f"for-each has {len(items):,} items, and at most {MAX_CELLS:,} are allowed"
            return JobResult(Status.FAILED, why, Failure.CHECK)
        if not items:
            return JobResult(Status.SKIPPED, f"{job.for_each} is empty")
        cells = [replace(job, id=f"{job.id}[{index}]") for index in range(len(items))]
        self.values.remove(job)
        for cell, item in zip(cells, items, strict=True):
            self._items[cell.id] = item
            self._add(cell)
        self._expanded[job.id] = [cell.id for cell in cells]
        self.progress.expand(job.id, cells)
        return None

    # -- continue-as-new and reruns -------------------------------------------------------------------------------

    def letters(self) -> tuple[str, dict[str, str]]:
        """A letter per planned job, and per item of each expanded job."""
        status = self.progress.status
        ended = results.encode_statuses(status.get(id_, Status.WAITING) for id_ in self._planned)
        return ended, {
            id_: results.encode_statuses(status[item] for item in items) for id_, items in self._expanded.items()
        }

    def restore(self, ended: str, expanded: Mapping[str, str], past: Mapping[str, JobResult]) -> None:
        """The reverse of `letters`; `past`: results from the records."""
        self.values.results.update(past)
        self.progress.restore(results.decode_statuses(self._planned, ended))
        for id_, text in expanded.items():
            job = self.jobs[id_]
            context = self.values.context(job, self.progress.needs_of(id_))
            self.expand(job, expressions.evaluate(job.for_each, context))
            self.progress.restore(results.decode_statuses(self._expanded[id_], text))
