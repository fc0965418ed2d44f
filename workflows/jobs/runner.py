"""Input and output of a job runner: each kind is one function of this type, in its feature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from activities.jobs.port import JobInput
from domain.approvals.request import DecisionRecord
from domain.jobs.result import JobResult, Status
from domain.pipelines import dag
from domain.pipelines.job import Job, JobKind
from domain.releases.actions import ReleaseResult
from domain.secrets.rules import SecretUse
from domain.triggers.events import Event
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
    plan: str = ""
    """Digest of the plan in the store."""
    params: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    waits_for: Callable[[str, str], None]
    """Sets what a job waits for, as text for people; an empty text ends the wait."""
    decisions: dict[str, tuple[DecisionRecord, ...]] = field(default_factory=dict)
    """Decisions of each answered approval and held gate."""
    releases: dict[str, ReleaseResult] = field(default_factory=dict)
    """Results of releases that were cancelled."""
    shared: dict[str, object] = field(default_factory=dict)
    """What the jobs of one group do together, by a key of its kind."""

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
            event=event.ref,
            approved=bool(job.secrets) and self.secret_use(job).approved,
        )

    def upstream(self, job: Job) -> set[str]:
        """All groups that a job needs, directly or indirectly."""
        return dag.upstream({other.group: other.needs for other in self.jobs.values()}, job.group)

    def granted(self, job: Job) -> list[tuple[Job, JobResult]]:
        """The approvals that were granted before a job."""
        upstream, results = self.upstream(job), self.values.results
        return [
            (other, results[other.id])
            for other in self.jobs.values()
            if other.kind is JobKind.APPROVAL
            and other.group in upstream
            and other.id in results
            and results[other.id].status is Status.PASSED
        ]

    def secret_use(self, job: Job) -> SecretUse:
        """What decides which secrets a job may have."""
        return SecretUse(
            run=self.run,
            pipeline=self.pipeline,
            repo=self.event.repo,
            event=self.event.ref,
            job=job.group,
            environment=job.environment,
            approved=job.environment in {one.environment for one, _ in self.granted(job)},
        )


JobRunner = Callable[[JobContext, Job, int], Awaitable[JobResult]]
"""Runs one attempt of a job. It may raise: the dispatcher turns failures into results."""


def summary(job: Job, attempt: int) -> str:
    """The summary of an attempt in the Temporal UI."""
    return job.id if attempt == 1 else f"{job.id} (attempt {attempt})"
