"""What a kind of job is given, and what it gives back: each kind is one function of this shape, in its feature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from activities.jobs.port import JobInput
from domain.approvals.request import DecisionRecord
from domain.jobs.result import JobResult
from domain.pipelines import dag
from domain.pipelines.job import Job
from domain.releases.actions import ReleaseResult
from domain.triggers.events import Event, EventRef
from domain.triggers.source import SourceRef
from workflows.jobs.expression_context import ExpressionContext


@dataclass(frozen=True)
class JobContext:
    """The run that a job is part of; all its jobs share one."""

    run: str
    """Workflow id."""
    pipeline: str
    number: int
    event: Event
    source: SourceRef
    earlier: str
    """The attempt before; empty: this is the first."""
    jobs: Mapping[str, Job]
    values: ExpressionContext
    waits_for: Callable[[str, str], None]
    """Job to what it waits for, as people read it; an empty text ends the wait."""
    decisions: dict[str, tuple[DecisionRecord, ...]] = field(default_factory=dict)
    """Of each approval and held gate that was answered."""
    releases: dict[str, ReleaseResult] = field(default_factory=dict)
    """Of each release that was cancelled: how it ended all the same."""

    def input(self, job: Job, attempt: int, reports: Mapping[str, str] | None = None) -> JobInput:
        """What the activity of a job is called with. `reports`: scan to the digest of its report."""
        event = self.event
        return JobInput(
            self.run,
            job,
            attempt,
            self.source,
            self.values.artifacts(job.artifacts_in),
            dict(reports or {}),
            {"SLUICEWAY_BRANCH": event.branch, "SLUICEWAY_TAG": event.tag, "SLUICEWAY_EVENT": str(event.kind)},
            event.repo,
            EventRef(event.kind, event.branch, event.tag),
        )

    def upstream(self, job: Job) -> set[str]:
        """Groups that a job needs, directly or not."""
        return dag.upstream({other.group: other.needs for other in self.jobs.values()}, job.group)


JobRunner = Callable[[JobContext, Job, int], Awaitable[JobResult]]
"""Runs one attempt of a job. Failures of what it calls may go up as they are: the dispatcher makes results of them."""


def summary(job: Job, attempt: int) -> str:
    """What the Temporal UI calls an attempt."""
    return job.id if attempt == 1 else f"{job.id} (attempt {attempt})"
