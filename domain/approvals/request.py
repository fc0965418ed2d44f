"""The values of an approval: request, subject, decision, outcome."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum

from domain.approvals.spec import ApprovalSpec


class Trust(StrEnum):
    """Which decisions an environment accepts."""

    SIGNED = "signed"
    OPEN = "open"
    """Unsigned signals count under the name they claim. For trials only."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentRule:
    """The minimum that a registered environment demands; a pipeline may ask for more, never for less."""

    name: str = ""
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    quorum: int = 0
    per_group: dict[str, int] = field(default_factory=dict)
    trust: Trust = Trust.SIGNED
    allow_author: bool = True
    allow_committer: bool = True
    allow_starter: bool = True
    max_expires_s: float = 0
    """0: the pipeline's own expiry applies."""


@dataclass(frozen=True)
class ApprovalSubject:
    """Exactly what is approved. A decision is valid for this subject only."""

    workflow_id: str = ""
    nonce: str = ""
    """New for every attempt, so a decision is valid for one attempt only."""
    job: str = ""
    commit: str = ""
    digests: tuple[str, ...] = ()
    """Artifacts, sorted."""
    verdicts: tuple[str, ...] = ()
    """Gates as `job=passed`, sorted."""


@dataclass(frozen=True)
class ChangeAuthors:
    """Login names of the change's authors, for the four-eyes rule; empty: unknown."""

    author: str = ""
    committer: str = ""
    starter: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One person's answer as it arrives. Untrusted: any field may be missing or forged."""

    approver: str = ""
    approve: bool = False
    comment: str = ""
    binding: ApprovalSubject = ApprovalSubject()
    expires_at: float = 0
    """When the signature expires, in seconds since the epoch."""
    signature: str = ""
    """Base64 of ed25519 over `signed_text`."""
    request_id: str = ""


@dataclass(frozen=True)
class VerifiedIdentity:
    """What the identity registry knows about a decision's approver; looked up on arrival, stored with the decision."""

    known: bool = False
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    signature_valid: bool = False


class DecisionReason(StrEnum):
    """The rule that counted or refused a decision."""

    COUNTED = "counted"
    CLOSED = "the approval is already decided"
    EXPIRED = "the approval has expired"
    MALFORMED = "the decision names no approver"
    UNSIGNED = "unsigned decisions are ignored here; use `sluiceway approve`"
    UNKNOWN = "no such identity is registered"
    FORGED = "the signature does not fit the decision"
    STALE = "the signature's own time has run out"
    OTHER = "the decision is for another run, job, attempt or content"
    NOT_ALLOWED = "the approver is none of those who may decide"
    AUTHOR = "the author of the change may not decide"
    COMMITTER = "the committer of the change may not decide"
    STARTER = "who started the run may not decide"
    REPEATED = "this approver has already decided"
    REMOVED = "the approver's identity was removed after the decision"
    ROTATED = "the approver's key was replaced after the decision"


class Outcome(StrEnum):
    """The state of an approval; every value but PENDING is final."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True)
class DecisionRecord:
    """A decision, its arrival time (seconds since the epoch), and the rule by which it counts or not."""

    decision: Decision
    at: float
    rule: DecisionReason
    source: str
    """`signal` or `update`."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """A pending approval."""

    spec: ApprovalSpec
    binding: ApprovalSubject
    people: ChangeAuthors
    opened_at: float
    trust: Trust = Trust.SIGNED
    must_users: tuple[str, ...] = ()
    must_groups: tuple[str, ...] = ()
    """The environment's list: anyone not on it may not decide, whatever the pipeline says; empty: no limit."""

    @property
    def expires_at(self) -> float:
        """In seconds since the epoch."""
        return self.opened_at + self.spec.expires_s


def signed_text(decision: Decision) -> bytes:
    """The canonical JSON that the signature covers: everything but the signature and the request id."""
    b = decision.binding
    return json.dumps(
        {
            "approve": decision.approve,
            "approver": decision.approver,
            "comment": decision.comment,
            "commit": b.commit,
            "digests": sorted(b.digests),
            "expires_at": decision.expires_at,
            "job": b.job,
            "nonce": b.nonce,
            "verdicts": sorted(b.verdicts),
            "workflow_id": b.workflow_id,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
