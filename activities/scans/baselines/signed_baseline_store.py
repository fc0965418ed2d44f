"""The table of baselines that people have signed. Nothing is replaced: it is its own history."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import BigInteger, Column, Integer, RowMapping, Table, Text, bindparam, select

from activities.storage.database import METADATA, Database

SIGNED_BASELINES = Table(
    "signed_baselines",
    METADATA,
    Column("pipeline", Text, primary_key=True),
    Column("repo", Text, primary_key=True),
    Column("branch", Text, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("made_at", BigInteger, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("commit_id", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
_KEY = ("pipeline", "repo", "branch", "job")
_ALL = select(SIGNED_BASELINES).order_by(SIGNED_BASELINES.c.made_at.desc())
_OF = _ALL.where(*(SIGNED_BASELINES.c[name] == bindparam(name) for name in _KEY))


class SignedBaselineRecord(TypedDict):
    """What somebody accepted as old, as it stands in the table. Untrusted until its signature was checked."""

    pipeline: str
    repo: str
    branch: str
    job: str
    made_at: int
    """Seconds since the epoch."""
    person: str
    commit_id: str
    report: str
    """Digest of the scan's report."""
    findings: int
    reason: str
    signature: str


class SignedBaselineStore:
    """Rows are added, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.insert(SIGNED_BASELINES).on_conflict_do_nothing()

    def of(self, pipeline: str, repo: str, branch: str, job: str) -> list[SignedBaselineRecord]:
        """Newest first; only the first one counts."""
        rows = self._database.select(_OF, pipeline=pipeline, repo=repo, branch=branch, job=job)
        return list(map(_record, rows))

    def all(self) -> list[SignedBaselineRecord]:
        """Newest first."""
        return list(map(_record, self._database.select(_ALL)))

    def add(self, one: SignedBaselineRecord) -> None:
        """Does nothing if it is there."""
        self._database.execute(
            self._add,
            {
                "pipeline": one["pipeline"],
                "repo": one["repo"],
                "branch": one["branch"],
                "job": one["job"],
                "made_at": one["made_at"],
                "person": one["person"],
                "commit_id": one["commit_id"],
                "report": one["report"],
                "findings": one["findings"],
                "reason": one["reason"],
                "signature": one["signature"],
            },
        )


def _record(row: RowMapping) -> SignedBaselineRecord:
    return SignedBaselineRecord(
        pipeline=row["pipeline"],
        repo=row["repo"],
        branch=row["branch"],
        job=row["job"],
        made_at=row["made_at"],
        person=row["person"],
        commit_id=row["commit_id"],
        report=row["report"],
        findings=row["findings"],
        reason=row["reason"],
        signature=row["signature"],
    )
