"""The table of baselines: the last accepted scan of a default branch."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import Column, Double, RowMapping, Table, Text, bindparam, select

from activities.storage.database import METADATA, Database, Values

BASELINES = Table(
    "baselines",
    METADATA,
    Column("pipeline", Text, primary_key=True),
    Column("repo", Text, primary_key=True),
    Column("branch", Text, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("commit_id", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("made_at", Double, nullable=False),
)
_KEY = ("pipeline", "repo", "branch", "job")
_ALL = select(BASELINES)
_ONE = _ALL.where(*(BASELINES.c[name] == bindparam(name) for name in _KEY))


class BaselineRecord(TypedDict):
    """The accepted scan of a job on a branch."""

    pipeline: str
    repo: str
    branch: str
    job: str
    run: str
    commit_id: str
    report: str
    """Digest of the scan's report."""
    signature: str
    """Hexadecimal HMAC with the installation's key."""
    made_at: float
    """Seconds since the epoch."""


class BaselineStore:
    """One row by pipeline, repository, branch and job; saving replaces it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.insert(BASELINES)
        changed = {column.name: row.excluded[column.name] for column in BASELINES.c if column.name not in _KEY}
        self._save = row.on_conflict_do_update(index_elements=_KEY, set_=changed)

    def get(self, pipeline: str, repo: str, branch: str, job: str) -> BaselineRecord | None:
        """None: no scan of that branch has passed its gate yet."""
        rows = self._database.select(_ONE, pipeline=pipeline, repo=repo, branch=branch, job=job)
        return _record(rows[0]) if rows else None

    def all(self) -> list[BaselineRecord]:
        """In no particular order."""
        return [_record(row) for row in self._database.select(_ALL)]

    def save(self, baseline: BaselineRecord) -> None:
        """Replaces the previous one."""
        self._database.execute(self._save, _values(baseline))


def _record(row: RowMapping) -> BaselineRecord:
    return BaselineRecord(
        pipeline=row["pipeline"],
        repo=row["repo"],
        branch=row["branch"],
        job=row["job"],
        run=row["run"],
        commit_id=row["commit_id"],
        report=row["report"],
        signature=row["signature"],
        made_at=row["made_at"],
    )


def _values(one: BaselineRecord) -> Values:
    return {
        "pipeline": one["pipeline"],
        "repo": one["repo"],
        "branch": one["branch"],
        "job": one["job"],
        "run": one["run"],
        "commit_id": one["commit_id"],
        "report": one["report"],
        "signature": one["signature"],
        "made_at": one["made_at"],
    }
