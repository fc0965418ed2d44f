"""Approvals: what waits for whom, what it is about, and signed decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.approvals.request import ApprovalSubject, Decision
from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class ApprovalRow:
    """One open request, as the inbox shows it."""

    id: str
    """Its workflow id."""
    run: str
    """Id of the run, or of the release, that waits."""
    job: str
    pipeline: str = ""
    environment: str = ""
    waiting_for: str = ""
    opened_at: float = 0
    expires_at: float = 0
    mine: bool = False
    """Whether the caller may decide it now."""
    why_not: str = ""
    """The rule that refuses the caller; empty: it is theirs."""


@dataclass(frozen=True)
class DecisionRow:
    """A decision so far."""

    approver: str
    approve: bool
    comment: str
    at: float
    rule: str
    """`counted`, or why it does not count."""


@dataclass(frozen=True, kw_only=True)
class ApprovalDetails:
    """Everything that a person looks at before signing."""

    row: ApprovalRow
    subject: ApprovalSubject
    """What is signed."""
    digest: str
    """`domain.approvals.request.fingerprint` of the subject: the ETag of the request, and what pages and
    the command line show. A decision for another one is refused with SLW447 (412)."""
    message: str = ""
    outcome: str = "pending"
    decisions: tuple[DecisionRow, ...] = ()
    authors: tuple[str, ...] = ()
    base: str = ""
    """The commit that is live; empty: there is nothing to compare with."""
    commits: tuple[CommitRow, ...] = ()
    """Newest first; the first of `commit_count`."""
    commit_count: int = 0
    files: tuple[str, ...] = ()
    """`+3 -1 path` or `binary path`; at most 500, the first of `file_count`."""
    file_count: int = 0
    scope: Mapping[str, Any] | None = None
    """The document of all that happens after the approval (domain/approvals/scope.py)."""
    live: Mapping[str, Any] | None = None
    """Job to `live` (a version), `release`, and `differences` as name, before and now; None: nothing is live."""
    evidence: tuple[str, ...] = ()
    """Gates and scans, a line each."""
    unseen: str = ""
    """Why what is signed cannot be shown; empty: it can."""
    rules: tuple[str, ...] = ()
    """What the environment demands, a sentence each."""
    proof: str = "passkey"
    """`any`: keys that a browser stores count too."""
    passkeys: tuple[str, ...] = ()
    """Ids of the caller's passkeys, in Base64url."""
    temporal: str = ""


@dataclass(frozen=True)
class CommitRow:
    """A commit of the change."""

    id: str
    author: str
    subject: str


@dataclass(frozen=True)
class Answer:
    """Whether a decision counts, and by which rule."""

    counted: bool
    rule: str
    outcome: str
    advice: str = ""


class Approvals(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SLW907, there is no such request."""

    async def inbox(self, page: PageOf, *, mine: bool = True) -> Page[ApprovalRow]:
        """Open requests, oldest first; `mine`: those that the caller may decide."""
        ...

    async def show(self, id_: str) -> ApprovalDetails:
        """By the id of its workflow (`approval/web-shop/7/release-approval`)."""
        ...

    async def decide(self, id_: str, decision: Decision, digest: str) -> Answer:
        """Sends a decision that the approver has signed. Its request id makes it idempotent.

        Raises:
            RefusedError: SLW447, the request is not the one of this digest any more: look again.
        """
        ...
