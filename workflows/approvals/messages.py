"""What an approval is started with, told and asked."""

from __future__ import annotations

from dataclasses import dataclass

from domain.approvals.request import ApprovalSubject, ChangeAuthors, DecisionRecord, Request
from domain.approvals.spec import ApprovalSpec


@dataclass(frozen=True)
class ApprovalInput:
    """What an approval is started with; a job's, or a release's between two steps."""

    run: str
    pipeline: str
    job: str
    spec: ApprovalSpec
    environment: str = ""
    commit: str = ""
    digests: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    people: ChangeAuthors = ChangeAuthors()
    opened: Request | None = None
    """What was asked, after a continue-as-new, and what was said so far."""
    records: tuple[DecisionRecord, ...] = ()


@dataclass(frozen=True)
class ApprovalResult:
    """How it ended, and every decision with the rule that it counted or did not count by."""

    outcome: str
    reason: str
    approvers: tuple[str, ...] = ()
    records: tuple[DecisionRecord, ...] = ()


@dataclass(frozen=True)
class ApprovalView:
    """The answer of the query `request`: what to sign, and what has been said so far."""

    binding: ApprovalSubject
    expires_at: float
    waiting_for: str
    outcome: str
    records: tuple[DecisionRecord, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class DecideAnswer:
    """What the one who decides is told at once; `rule` and `outcome` are `DecisionReason` and `Outcome`."""

    counted: bool
    rule: str
    outcome: str
