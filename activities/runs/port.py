"""What the activities of runs are asked and answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from temporalio import activity

from activities.triggers.port import ScheduledDelivery
from domain.approvals.request import ChangeAuthors, DecisionRecord
from domain.approvals.spec import ApprovalSpec
from domain.jobs.result import JobResult
from domain.pipelines.plan_ref import PlanRef
from domain.runs.rerun import RerunRequest
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event
from domain.triggers.source import SourceRef


@dataclass(frozen=True)
class RunBegin:
    """What is recorded when a run begins."""

    id: str
    pipeline: str
    number: int
    event: Event
    plan: str = ""
    page: str = ""
    """Digest of the plan's first page, which comes back as the answer."""
    source: SourceRef = SourceRef()
    path: str = ""
    attempt: int = 1
    earlier: str = ""
    """The attempt before."""
    kept: str = ""
    """Digest of the names of the jobs whose results it gives to this one."""


@dataclass(frozen=True)
class Ended:
    """A job that no activity of its own has recorded: skipped, an approval, a release, or refused before it began."""

    id: str
    kind: str
    stage: str
    result: JobResult
    began_at: float = 0
    ended_at: float = 0
    decisions: tuple[DecisionRecord, ...] = ()
    """Of an approval or a held gate: kept in the store as evidence."""


@dataclass(frozen=True)
class RunEnd:
    """Jobs that have ended, and with `final` how the run did."""

    id: str
    status: str
    stopped_by: str = ""
    reason: str = ""
    jobs: tuple[Ended, ...] = ()
    final: bool = True
    """False: only the jobs are recorded, the run goes on."""


@dataclass(frozen=True)
class PastInput:
    """Asks for one page of the results of a run."""

    run: str
    after: str = ""
    """The last job of the page before."""


@dataclass(frozen=True)
class Past:
    """Results of jobs that ended before a continue-as-new."""

    results: dict[str, JobResult] = field(default_factory=dict)
    more_after: str = ""


@dataclass(frozen=True)
class Rerun:
    """Asked of `pipeline/NAME`."""

    pipeline: str
    number: int
    wish: RerunRequest = RerunRequest()
    actor: str = ""
    """Who asks: their rights count in the new attempt."""
    changed: Delivery | None = None
    """Where the definition is read again; None: the plan of the attempt before."""
    last: int = 0
    """The last attempt that the pipeline knows of."""


@dataclass(frozen=True)
class Attempt:
    """All that a new attempt starts with."""

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
    """Job to why it runs again; of very many only the first."""
    count: int = 0
    """Of jobs that run again."""


@dataclass(frozen=True)
class GrantQuestion:
    """An approval that may have been granted in the attempt before, for the very same content."""

    earlier: str
    job: str
    spec: ApprovalSpec
    environment: str
    commit: str
    digests: tuple[str, ...]
    verdicts: tuple[str, ...]
    people: ChangeAuthors


@dataclass(frozen=True)
class Grant:
    """Decisions of an earlier attempt that count again; `run`: where they were made."""

    records: tuple[DecisionRecord, ...] = ()
    """Empty: it must be asked again."""
    run: str = ""


class RunRecordActivities(Protocol):
    """As workflows call them; their implementation is in records.py."""

    @activity.defn(name="begin-run")
    async def begin(self, run: RunBegin) -> str:
        """Records the run, once, and returns the first page of its plan; `[]` without one."""
        ...

    @activity.defn(name="record-run")
    async def end(self, end: RunEnd) -> str:
        """Returns the digest of the report when the run has ended."""
        ...

    @activity.defn(name="load-results")
    async def past(self, input: PastInput) -> Past:
        """Results by page, so that no payload is too big; logs and reports are digests already."""
        ...

    @activity.defn(name="origin-of-run")
    async def origin(self, run: str) -> ScheduledDelivery | None:
        """What starts the same pipeline again, on the branch as it is by then; None: nobody knows."""
        ...


class RerunActivities(Protocol):
    """As workflows call them; their implementation is in rerun.py."""

    @activity.defn(name="plan-rerun")
    async def plan(self, asked: Rerun) -> Attempt:
        """Raises: ApplicationError with the code of what stands against it."""
        ...

    @activity.defn(name="granted-before")
    async def granted_before(self, asked: GrantQuestion) -> Grant:
        """The decisions of the attempt before, when they were for exactly this and still suffice."""
        ...
