"""Inputs, messages and query answers of runs. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.pipelines.plan_ref import PlanRef
from domain.triggers.events import Event as Trigger
from domain.triggers.events import EventKind
from domain.triggers.source import SourceRef


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """Input of a run; the plan itself is in the store."""

    pipeline: str
    number: int
    event: Trigger = Trigger(EventKind.MANUAL)
    source: SourceRef = SourceRef()
    plan: PlanRef = PlanRef()
    problems: tuple[str, ...] = ()
    ended: str = ""
    """A letter per job in plan order (domain.jobs.result), from before a continue-as-new."""
    spread: dict[str, str] = field(default_factory=dict)
    """Expanded for-each job to a letter per item."""
    continued: int = 0
    path: str = ""
    """Path of the definition in the repository."""
    attempt: int = 1
    earlier: str = ""
    """The previous attempt, whose results `ended` and `spread` keep."""
    kept: str = ""
    """Digest of the names of the jobs that keep their results."""
    cancelled: str = ""
    """Why the run was cancelled before a continue-as-new; jobs with always() still run."""


@dataclass(frozen=True, kw_only=True)
class JobView:
    """One job for people; times in seconds, `began_at` since the epoch."""

    id: str
    kind: str
    stage: str
    status: str
    reason: str = ""
    began_at: float = 0
    seconds: float = 0
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class RunView:
    """The answer of the query `view`."""

    id: str
    status: str
    jobs: tuple[JobView, ...] = ()
    waiting_for: tuple[str, ...] = ()
    stopped_by: str = ""
    reason: str = ""
    total: int = 0
    slots: dict[str, str] = field(default_factory=dict)
    """Who waits in a queue, as the queue knows it, to the text of `waiting_for` that says so."""


@dataclass(frozen=True)
class RunResult:
    """The result of a run; `report` is a digest in the store."""

    status: str
    stopped_by: str = ""
    reason: str = ""
    report: str = ""
