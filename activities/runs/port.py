"""Messages and signatures of run activities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from temporalio import activity

from activities.triggers.port import ScheduledDelivery
from domain.approvals.request import ChangeAuthors, DecisionRecord
from domain.approvals.scope import BoundDeployment, Scope
from domain.approvals.spec import ApprovalSpec
from domain.jobs.result import JobResult
from domain.pipelines.plan_ref import PlanRef
from domain.runs.rerun import RerunRequest
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event
from domain.triggers.source import SourceRef


@dataclass(frozen=True, kw_only=True)
class RunBegin:
    """The data of a new run's record."""

    id: str
    pipeline: str
    number: int
    event: Event
    plan: str = ""
    page: str = ""
    """Digest of the plan's first page, which the activity returns."""
    source: SourceRef = SourceRef()
    path: str = ""
    attempt: int = 1
    earlier: str = ""
    """The previous attempt."""
    kept: str = ""
    """Digest of the names of the jobs whose results it passes on."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A job without an activity of its own: skipped, an approval, a release, or refused before its start."""

    id: str
    kind: str
    stage: str
    result: JobResult
    began_at: float = 0
    ended_at: float = 0
    decisions: tuple[DecisionRecord, ...] = ()
    """Decisions of an approval or a held gate: stored as evidence."""


@dataclass(frozen=True)
class RunEnd:
    """Ended jobs, and with `final` the result of the run."""

    id: str
    status: str
    stopped_by: str = ""
    reason: str = ""
    jobs: tuple[Ended, ...] = ()
    final: bool = True
    """False: records the jobs only; the run continues."""


@dataclass(frozen=True)
class PastInput:
    """Requests one page of a run's results."""

    run: str
    after: str = ""
    """The last job of the previous page."""


@dataclass(frozen=True)
class Past:
    """Results of jobs that ended before a continue-as-new."""

    results: dict[str, JobResult] = field(default_factory=dict)
    more_after: str = ""


@dataclass(frozen=True)
class Rerun:
    """The request to `pipeline/NAME`."""

    pipeline: str
    number: int
    wish: RerunRequest = RerunRequest()
    actor: str = ""
    """The requester, whose rights apply to the new attempt."""
    changed: Delivery | None = None
    """Where to read the definition again; None: use the previous attempt's plan."""
    last: int = 0
    """The last attempt known to the pipeline."""
    actor_from: str = ""
    """The channel that knows the requester; empty: the name is only claimed."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The input of a new attempt."""

    attempt: int = 0
    earlier: str = ""
    event: Event | None = None
    source: SourceRef = SourceRef()
    path: str = ""
    plan: PlanRef = PlanRef()
    letters: str = ""
    spread: dict[str, str] = field(default_factory=dict)
    kept: str = ""
    """Digest of the names of the jobs that keep their results."""
    again: dict[str, str] = field(default_factory=dict)
    """Job to why it runs again; only the first of very many."""
    count: int = 0
    """Number of jobs that run again."""


@dataclass(frozen=True, kw_only=True)
class GrantQuestion:
    """An approval that the previous attempt may have granted for exactly the same subject."""

    earlier: str
    job: str
    spec: ApprovalSpec
    environment: str
    commit: str
    digests: tuple[str, ...]
    verdicts: tuple[str, ...]
    people: ChangeAuthors
    repository: str = ""
    scope: str = ""
    """Empty: asked by an engine that bound less, for which nothing is granted any more."""


@dataclass(frozen=True)
class Grant:
    """Decisions of an earlier attempt that still count; `run`: where they were made."""

    records: tuple[DecisionRecord, ...] = ()
    """Empty: ask again."""
    run: str = ""
    rule: str = ""
    """Digest of the environment's rule that they were granted under."""


@dataclass(frozen=True, kw_only=True)
class ScopeQuestion:
    """What an approval is about to be asked for."""

    scope: Scope
    plan: str = ""
    """Digest of the run's plan, whose jobs after `group` are added; empty: none."""
    group: str = ""
    run: str = ""
    """The run whose records show the open request; empty: none does."""
    kind: str = ""
    stage: str = ""
    attempt: int = 1
    at: float = 0
    """Seconds since the epoch."""


@dataclass(frozen=True)
class DeployQuestion:
    """A deployment that approvals were granted for."""

    scopes: tuple[str, ...]
    """Digests."""
    now: BoundDeployment


class RunRecordActivities(Protocol):
    """Signatures of the activities; implemented in records.py."""

    @activity.defn(name="begin-run")
    async def begin(self, run: RunBegin) -> str:
        """Records the run, idempotently, and returns the first page of its plan; `[]` without one."""
        ...

    @activity.defn(name="record-run")
    async def end(self, end: RunEnd) -> str:
        """Returns the report's digest when the run has ended."""
        ...

    @activity.defn(name="load-results")
    async def past(self, input: PastInput) -> Past:
        """Results by page, to limit payloads; logs and reports are digests."""
        ...

    @activity.defn(name="origin-of-run")
    async def origin(self, run: str) -> ScheduledDelivery | None:
        """The event that runs the pipeline again, at the branch's current commit; None: unknown."""
        ...


class RerunActivities(Protocol):
    """Signatures of the activities; implemented in rerun.py."""

    @activity.defn(name="plan-rerun")
    async def plan(self, asked: Rerun) -> Attempt:
        """Plans a new attempt.

        Raises:
            ApplicationError: it is refused, with the reason's code.
        """
        ...

    @activity.defn(name="granted-before")
    async def granted_before(self, asked: GrantQuestion) -> Grant:
        """The previous attempt's decisions, if they were for exactly this subject and still suffice."""
        ...


class ScopeActivities(Protocol):
    """Signatures of the activities; implemented in approval_scope.py."""

    @activity.defn(name="keep-scope")
    async def keep_scope(self, asked: ScopeQuestion) -> str:
        """Completes a scope with the jobs of the plan, stores it, and returns its digest."""
        ...

    @activity.defn(name="approval-covers")
    async def uncovered(self, asked: DeployQuestion) -> str:
        """Why no approval covers a deployment, with its code; empty: one does."""
        ...
