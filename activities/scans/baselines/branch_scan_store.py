"""The table of scans of default branches: what is open there, and how many it were before."""

from __future__ import annotations

import json
from typing import TypedDict

from sqlalchemy import Column, Double, Integer, RowMapping, Table, Text, bindparam, delete, select

from activities.storage.condition import Condition
from activities.storage.database import METADATA, Database, Values
from domain.core.documents import Node

BRANCH_SCANS = Table(
    "branch_scans",
    METADATA,
    Column("pipeline", Text, primary_key=True),
    Column("repo", Text, primary_key=True),
    Column("branch", Text, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("commit_id", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("complete", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("fixed", Integer, nullable=False),
    Column("signature", Text, nullable=False),
    Column("made_at", Double, nullable=False),
)
_KEY = ("pipeline", "repo", "branch", "job")
_ALL = select(BRANCH_SCANS)
_ONES = _ALL.where(BRANCH_SCANS.c.pipeline == bindparam("pipeline"))
_OF = _ALL.where(*(BRANCH_SCANS.c[name] == bindparam(name) for name in _KEY)).order_by(BRANCH_SCANS.c.made_at.desc())
_LAST = _OF.limit(bindparam("most"))
_OLD = delete(BRANCH_SCANS).where(
    *(BRANCH_SCANS.c[name] == bindparam(f"of_{name}") for name in _KEY), BRANCH_SCANS.c.made_at < bindparam("since")
)
KEPT = 200
"""Scans of a job that are remembered; reports only of the last one."""


class BranchScanRecord(TypedDict):
    """One scan of a job on the default branch."""

    pipeline: str
    repo: str
    branch: str
    job: str
    run: str
    commit_id: str
    report: str
    """Digest of the scan's report."""
    complete: bool
    """Whether every scanner looked at everything."""
    counts: dict[str, int]
    """Severity to number of open findings, worst first."""
    opened: int
    fixed: int
    signature: str
    """Hexadecimal HMAC with the installation's key."""
    made_at: float
    """Seconds since the epoch."""


class BranchScanStore:
    """The last `KEPT` scans by pipeline, repository, branch and job."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.insert(BRANCH_SCANS)
        primary = (*_KEY, "run")
        changed = {column.name: row.excluded[column.name] for column in BRANCH_SCANS.c if column.name not in primary}
        self._save = row.on_conflict_do_update(index_elements=primary, set_=changed)

    def last(self, pipeline: str, repo: str, branch: str, job: str, most: int = 1) -> list[BranchScanRecord]:
        """Newest first."""
        rows = self._database.select(_LAST, pipeline=pipeline, repo=repo, branch=branch, job=job, most=most)
        return list(map(_record, rows))

    def pipelines(self, after: str, limit: int, may: Condition) -> list[str]:
        """Names of those that have scans, from the one after `after` on."""
        query = f"select distinct pipeline from branch_scans where pipeline > :after and {may.sql}"  # noqa: S608
        rows = self._database.rows(f"{query} order by pipeline limit :limit", **may.values, after=after, limit=limit)
        return [Node(row).need_text("pipeline") for row in rows]

    def newest(self, pipeline: str = "") -> list[BranchScanRecord]:
        """The last one of every job, by pipeline and job; of one pipeline, or of all."""
        found: dict[tuple[str, ...], BranchScanRecord] = {}
        which, of = (_ONES, {"pipeline": pipeline}) if pipeline else (_ALL, {})
        for row in map(_record, self._database.select(which.order_by(BRANCH_SCANS.c.made_at), **of)):
            found[(row["pipeline"], row["repo"], row["branch"], row["job"])] = row
        return [found[key] for key in sorted(found)]

    def save(self, one: BranchScanRecord) -> None:
        """Replaces that of the same run, and forgets what is older than the last `KEPT`."""
        values = _values(one)
        self._database.execute(self._save, values)
        rows = self.last(one["pipeline"], one["repo"], one["branch"], one["job"], KEPT)
        if len(rows) == KEPT:
            of = {f"of_{name}": values[name] for name in _KEY}
            self._database.execute(_OLD, {**of, "since": rows[-1]["made_at"]})


def _record(row: RowMapping) -> BranchScanRecord:
    return BranchScanRecord(
        pipeline=row["pipeline"],
        repo=row["repo"],
        branch=row["branch"],
        job=row["job"],
        run=row["run"],
        commit_id=row["commit_id"],
        report=row["report"],
        complete=bool(row["complete"]),
        counts={name: node.whole() for name, node in Node(json.loads(row["counts"])).fields()},
        opened=row["opened"],
        fixed=row["fixed"],
        signature=row["signature"],
        made_at=row["made_at"],
    )


def _values(one: BranchScanRecord) -> Values:
    return {
        "pipeline": one["pipeline"],
        "repo": one["repo"],
        "branch": one["branch"],
        "job": one["job"],
        "run": one["run"],
        "commit_id": one["commit_id"],
        "report": one["report"],
        "complete": int(one["complete"]),
        "counts": json.dumps(one["counts"]),
        "opened": one["opened"],
        "fixed": one["fixed"],
        "signature": one["signature"],
        "made_at": one["made_at"],
    }
