"""What the store keeps, and how long: an object stays while a record that has not expired refers to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

DAY_S = 86_400.0
GRACE_S = DAY_S
"""Grace period: a younger object's record may not be written yet."""


class Keep(StrEnum):
    """Why an object is kept; it selects the time limit."""

    EVIDENCE = "evidence"
    """Plans, reports, decisions, verdicts, recorded ticks."""
    LOGS = "logs"
    ARTIFACTS = "artifacts"
    CACHES = "caches"
    """While listed; their own size limit evicts them."""


@dataclass(frozen=True)
class Retention:
    """Seconds after the end of the run; 0: no expiry."""

    evidence_s: float = 0.0
    logs_s: float = 365 * DAY_S
    artifacts_s: float = 90 * DAY_S

    def limit_s(self, keep: Keep) -> float:
        """Seconds after the end of the run; 0: no expiry."""
        return {Keep.EVIDENCE: self.evidence_s, Keep.LOGS: self.logs_s, Keep.ARTIFACTS: self.artifacts_s}.get(keep, 0)


@dataclass(frozen=True)
class Reference:
    """A blob that a record refers to, and why it is kept."""

    digest: str
    keep: Keep
    ended_at: float = 0.0
    """End of the run in seconds since the epoch; 0: it runs, is live or is listed, so nothing expires."""


def expired(reference: Reference, retention: Retention, now: float) -> bool:
    """Whether the record has expired at `now` (seconds since the epoch)."""
    limit_s = retention.limit_s(reference.keep)
    return bool(reference.ended_at and limit_s) and now > reference.ended_at + limit_s


def referenced(references: Iterable[Reference], retention: Retention, now: float) -> dict[str, Keep]:
    """Digest to one reason for which it stays."""
    return {one.digest: one.keep for one in references if not expired(one, retention, now)}


def collectable(written_at: float, digest: str, kept: dict[str, Keep], now: float, grace_s: float = GRACE_S) -> bool:
    """Whether a blob may be deleted: no record refers to it, and it is older than the grace period.

    The grace period protects blobs that are written before their record.
    """
    return digest not in kept and written_at < now - grace_s
