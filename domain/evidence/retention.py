"""What the store keeps, and for how long: an object stays as long as anything that is to be kept refers to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

DAY_S = 86_400.0
GRACE_S = DAY_S
"""Younger objects stay: what they belong to may not be written down yet."""


class Keep(StrEnum):
    """Why something is kept, which says for how long."""

    EVIDENCE = "evidence"
    """Plans, reports, decisions, verdicts, recorded ticks."""
    LOGS = "logs"
    ARTIFACTS = "artifacts"
    CACHES = "caches"
    """As long as they are listed; their own limit of size drops them."""


@dataclass(frozen=True)
class Retention:
    """Seconds after the end of the run; 0: for ever."""

    evidence_s: float = 0.0
    logs_s: float = 365 * DAY_S
    artifacts_s: float = 90 * DAY_S

    def limit_s(self, keep: Keep) -> float:
        """Seconds after the end of the run; 0: it never expires."""
        return {Keep.EVIDENCE: self.evidence_s, Keep.LOGS: self.logs_s, Keep.ARTIFACTS: self.artifacts_s}.get(keep, 0)


@dataclass(frozen=True)
class Reference:
    """A blob that a record points to, and why it is kept."""

    digest: str
    keep: Keep
    ended_at: float = 0.0
    """Of the run, in seconds since the epoch; 0: it runs, is live, or is listed, and nothing of it expires."""


def expired(reference: Reference, retention: Retention, now: float) -> bool:
    """Whether the record's time is over at `now` (seconds since the epoch)."""
    limit_s = retention.limit_s(reference.keep)
    return bool(reference.ended_at and limit_s) and now > reference.ended_at + limit_s


def referenced(references: Iterable[Reference], retention: Retention, now: float) -> dict[str, Keep]:
    """Digest to one of the reasons for which it stays."""
    return {one.digest: one.keep for one in references if not expired(one, retention, now)}


def collectable(written_at: float, digest: str, kept: dict[str, Keep], now: float, grace_s: float = GRACE_S) -> bool:
    """Whether a blob may be deleted: no record points to it, and it is older than the grace period.

    The grace period protects blobs that are written before the record that points to them.
    """
    return digest not in kept and written_at < now - grace_s
