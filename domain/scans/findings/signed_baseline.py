"""What a person signs to accept all findings of one scan of the default branch as old."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from domain.core.canonical import text_to_sign


@dataclass(frozen=True, kw_only=True)
class SignedBaseline:
    """Whoever signs it answers for every finding of the report."""

    pipeline: str
    repository: str
    """As `repository_name` writes it."""
    branch: str
    job: str
    commit: str
    report: str
    """Digest of the scan's report, which holds the findings."""
    findings: int
    """Number of open findings in it, as they were shown."""
    reason: str
    person: str
    made_at: int
    """Seconds since the epoch; the latest of a job counts."""


def baseline_text(one: SignedBaseline) -> bytes:
    """The bytes that the signature covers.

    Raises:
        ValueError: a text is no Unicode.
    """
    return text_to_sign("baseline/v1", asdict(one))
