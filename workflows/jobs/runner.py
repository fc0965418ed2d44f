"""Input and output of a job runner: each kind is one function of this type, in its feature."""

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


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """The run of a job; shared by all its jobs."""

    run: str
    """Workflow id."""
    pipeline: str
    number: int
    event: Event
    source: SourceRef
    earlier: str
    """The previous attempt; empty: this is the first."""
    jobs: Mapping[str, Job]
    values: ExpressionContext
    waits_for: Callable[[str, str], None]
    """Sets what a job waits for, as text for people; an empty text ends the wait."""
    decisions: dict[str, tuple[DecisionRecord, ...]] = field(default_factory=dict)
    """Decisions of each answered approval and held gate."""
    releases: dict[str, ReleaseResult] = field(default_factory=dict)
    """Results of releases that were cancelled."""

    def input(self, job: Job, attempt: int, reports: Mapping[str, str] | None = None) -> JobInput:
        """Input of a job's activity. `reports`: scan to the digest of its report."""
        event = self.event
        return JobInput(
            self.run,
            job,
            attempt=attempt,
            source=self.source,
            artifacts=self.values.artifacts(job.artifacts_in),
            reports=dict(reports or {}),
            env={"SLUICEWAY_BRANCH": event.branch, "SLUICEWAY_TAG": event.tag, "SLUICEWAY_EVENT": str(event.kind)},
            repo=event.repo,
            event=EventRef(event.kind, event.branch, event.tag),
        )

    def upstream(self, job: Job) -> set[str]:
        """All groups that a job needs, directly or indirectly."""
        return dag.upstream({other.group: other.needs for other in self.jobs.values()}, job.group)


JobRunner = Callable[[JobContext, Job, int], Awaitable[JobResult]]
"""Runs one attempt of a job. It may raise: the dispatcher turns failures into results."""


def summary(job: Job, attempt: int) -> str:
    """The summary of an attempt in the Temporal UI."""
    return job.id if attempt == 1 else f"{job.id} (attempt {attempt})"
