"""Scans of default branches: when a finding was first seen, what is open, and the trend."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace

from activities.core import serialization as serial
from activities.scans.baselines.baselines import Scanned
from activities.scans.baselines.branch_scan_store import BranchScanRecord, BranchScanStore
from activities.scans.baselines.branches import Branches, default_branch
from activities.storage.port import Store
from domain.core.canonical import text_to_sign
from domain.core.errors import SluicewayError
from domain.scans.findings import trend
from domain.scans.findings.model import Finding, ScanReport, State, counts
from domain.scans.findings.trend import TrendPoint
from domain.triggers.events import EventKind, EventRef

MOST_READ_BYTES = 200_000_000
"""Of the report before, which says when findings were first seen."""


@dataclass(frozen=True)
class BranchScans:
    """Rows are signed with HMAC-SHA-256; a changed row does not count. Green or not: what is open is open."""

    records: BranchScanStore
    store: Store
    key: bytes
    """The installation's key."""
    branches: Branches

    def is_of_branch(self, scanned: Scanned, event: EventRef, commit: str) -> bool:
        """Whether a scan is one of the default branch as it is now: no pull request, no other branch, no old run."""
        branch = default_branch(scanned.repo)
        if not commit or not claims(event, branch):
            return False
        before = self.last(scanned)
        if before and self.branches.is_older(scanned.repo, branch, commit, before["commit_id"]):
            return False
        return self.branches.has(scanned.repo, branch, commit)

    def last(self, scanned: Scanned) -> BranchScanRecord | None:
        """The last scan of the default branch; None: there is none that counts."""
        rows = self._rows(scanned, 1)
        return rows[0] if rows else None

    def trend(self, scanned: Scanned) -> tuple[TrendPoint, ...]:
        """Oldest first."""
        return tuple(map(_point, reversed(self._rows(scanned, trend.MOST_SHOWN))))

    def report(self, row: BranchScanRecord) -> ScanReport | None:
        """What it found; None: it cannot be read any more.

        Raises:
            SluicewayError: the store is away.
        """
        try:
            return serial.load(ScanReport, self.store.get(row["report"]))
        except SluicewayError as broken:
            if broken.transient:
                raise
            return None
        except ValueError:
            return None

    def next_point(self, report: ScanReport, before: ScanReport | None, commit: str, at: float) -> TrendPoint:
        """The point that a scan of the default branch adds."""
        opened, fixed = trend.changes(open_of(before.findings) if before else None, open_of(report.findings))
        found = counts(one for one in report.findings if one.state is not State.SUPPRESSED)
        return TrendPoint(commit=commit, at=at, open=found, opened=opened, fixed=fixed)

    def remember(self, scanned: Scanned, run: str, digest: str, report: ScanReport) -> None:
        """Saves a scan of the default branch: the last point of its trend is its own."""
        point = report.trend[-1]
        row = BranchScanRecord(
            pipeline=scanned.pipeline,
            repo=scanned.repo,
            branch=default_branch(scanned.repo),
            job=scanned.job,
            run=run,
            commit_id=point.commit,
            report=digest,
            complete=bool(report.tools) and not report.failed,
            counts=dict(point.open),
            opened=point.opened,
            fixed=point.fixed,
            signature="",
            made_at=point.at,
        )
        self.records.save({**row, "signature": self._signature(row)})

    def newest(self, pipeline: str = "") -> list[BranchScanRecord]:
        """The last one of every job that counts; of one pipeline, or of all."""
        return [row for row in self.records.newest(pipeline) if self._is_ours(row)]

    def _rows(self, scanned: Scanned, most: int) -> list[BranchScanRecord]:
        branch = default_branch(scanned.repo)
        rows = self.records.last(scanned.pipeline, scanned.repo, branch, scanned.job, most) if branch else []
        return [row for row in rows if self._is_ours(row)]

    def _is_ours(self, row: BranchScanRecord) -> bool:
        return hmac.compare_digest(self._signature(row), row["signature"])

    def _signature(self, row: BranchScanRecord) -> str:
        told = {name: value for name, value in row.items() if name != "signature"}
        told["made_at"], told["counts"] = repr(row["made_at"]), dict(row["counts"])
        text = text_to_sign("branch-scan/v1", told)  # type: ignore[arg-type]  # JSON, as mypy cannot see of a TypedDict
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()


def claims(event: EventRef, branch: str) -> bool:
    """Whether an event says that it is one of a branch."""
    return event.kind is not EventKind.PULL_REQUEST and not event.tag and bool(branch) and event.branch == branch


def open_of(findings: tuple[Finding, ...]) -> Mapping[str, str]:
    """Fingerprint to severity of what nobody has suppressed."""
    return {one.fingerprint: one.severity.value for one in findings if one.state is not State.SUPPRESSED}


def with_point(report: ScanReport, point: TrendPoint) -> ScanReport:
    """The report with one more point in its trend."""
    return replace(report, trend=(*report.trend, point)[-trend.MOST_SHOWN :])


def _point(row: BranchScanRecord) -> TrendPoint:
    return TrendPoint(
        commit=row["commit_id"], at=row["made_at"], open=row["counts"], opened=row["opened"], fixed=row["fixed"]
    )
