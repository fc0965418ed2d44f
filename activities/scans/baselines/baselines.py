"""Baselines of scans: the last scan of the default branch that passed its gate, by commit, signed."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

from activities.core import serialization as serial
from activities.scans.baselines.baseline_store import BaselineRecord, BaselineStore
from activities.scans.baselines.branches import default_branch
from activities.storage.port import Store
from domain.core.errors import SluicewayError
from domain.scans.findings.model import ScanReport
from domain.triggers.events import EventKind


@dataclass(frozen=True)
class Scanned:
    """Identifies a scan."""

    pipeline: str
    repo: str
    job: str


@dataclass
class Baselines:
    """Rows are signed with HMAC-SHA-256; a changed row does not count."""

    records: BaselineStore
    store: Store
    key: bytes
    """The installation's key: a row that somebody else wrote does not count."""

    def of(self, scanned: Scanned) -> tuple[ScanReport | None, str]:
        """The report and its description; without one, why there is none.

        Raises:
            SluicewayError: the store is away.
        """
        branch = default_branch(scanned.repo)
        if not branch:
            return None, "the repository has no default branch"
        row = self.records.get(scanned.pipeline, scanned.repo, branch, scanned.job)
        if row is None:
            return None, f"no scan of {branch} has passed its gate yet"
        what = f"{branch} at {row['commit_id'][:12]} ({row['run'].removeprefix('run/')})"
        if not hmac.compare_digest(self._signature(scanned, branch, row["commit_id"], row["report"]), row["signature"]):
            return None, f"the baseline {what} is not signed by this installation"
        try:
            return serial.load(ScanReport, self.store.get(row["report"])), what
        except SluicewayError as broken:
            if broken.transient:
                raise
            return None, f"the baseline {what} cannot be read: {broken.what}"
        except ValueError:
            return None, f"the baseline {what} cannot be read"

    def made_at(self, scanned: Scanned) -> float:
        """When it was saved, in seconds since the epoch; 0: there is none."""
        row = self.records.get(scanned.pipeline, scanned.repo, default_branch(scanned.repo), scanned.job)
        return row["made_at"] if row else 0.0

    def keep(self, scanned: Scanned, kind: EventKind, branch: str, run: str, commit: str, report: str) -> bool:
        """Saves it if it may be a baseline: only scans of commits on the default branch may."""
        if kind is EventKind.PULL_REQUEST or not commit or not branch or branch != default_branch(scanned.repo):
            return False
        signature = self._signature(scanned, branch, commit, report)
        row = BaselineRecord(
            pipeline=scanned.pipeline,
            repo=scanned.repo,
            branch=branch,
            job=scanned.job,
            run=run,
            commit_id=commit,
            report=report,
            signature=signature,
            made_at=time.time(),
        )
        self.records.save(row)
        return True

    def _signature(self, scanned: Scanned, branch: str, commit: str, report: str) -> str:
        parts = ("baseline/1", scanned.pipeline, scanned.repo, branch, scanned.job, commit, report)
        return hmac.new(self.key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()
