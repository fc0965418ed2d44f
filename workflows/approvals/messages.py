"""Input, results and query answers of an approval."""

from __future__ import annotations

from dataclasses import dataclass

from domain.approvals.request import ApprovalSubject, ChangeAuthors, Decision, DecisionRecord, Request
from domain.approvals.spec import ApprovalSpec


@dataclass(frozen=True, kw_only=True)
class ApprovalInput:
    """Input of an approval: a job's, or one between two steps of a release."""

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
    """Request and decisions so far, after a continue-as-new."""
    records: tuple[DecisionRecord, ...] = ()
    repository: str = ""
    scope: str = ""
    """Digest of all that happens after it (domain/approvals/scope.py); empty: asked by an engine that bound less."""
    waiting: tuple[Decision, ...] = ()
    """Decisions by signal whose signatures were not yet looked at before a continue-as-new."""
    cluster: str = ""
    """Of a request to a cluster, what it is asked of."""


@dataclass(frozen=True)
class ApprovalResult:
    """The outcome, and every decision with the rule by which it counted or not."""

    outcome: str
    reason: str
    approvers: tuple[str, ...] = ()
    records: tuple[DecisionRecord, ...] = ()
    rule: str = ""
    """Digest of the environment's rule that it was decided under."""


@dataclass(frozen=True)
class ApprovalView:
    """The answer of the query `request`: what to sign, and the decisions so far."""

    binding: ApprovalSubject
    expires_at: float
    waiting_for: str
    outcome: str
    records: tuple[DecisionRecord, ...] = ()
    message: str = ""
    people: ChangeAuthors = ChangeAuthors()
    unowned: tuple[str, ...] = ()
    """Addresses of them that no identity owns."""


@dataclass(frozen=True)
class DecideAnswer:
    """The immediate answer to a decision; `rule` and `outcome` are `DecisionReason` and `Outcome`."""

    counted: bool
    rule: str
    outcome: str
    advice: str = ""
    """What the people need to do so that a decision can count; empty: nothing."""
