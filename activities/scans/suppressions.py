"""Accepted risks from reviewed files: suppressions, and suppliers' statements (OpenVEX)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from activities.scans.baselines import default_branch
from activities.scans.merge import suppressed
from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from domain.scans.findings import vex
from domain.scans.findings.model import ScanReport
from domain.scans.findings.suppressions import FILE, Suppression
from domain.scans.findings.vex import Statement

ReadSuppressions = Callable[[bytes, str], Sequence[Suppression]]
"""A file's content and name to its entries; empty when it cannot be read."""


@dataclass(frozen=True)
class AcceptedRisks:
    """Always read from the repository's default branch: a change cannot suppress its own findings."""

    mirrors: Mirrors
    suppressions: ReadSuppressions

    def applied(self, report: ScanReport, repo: str, *, fresh: bool = False) -> ScanReport:
        """The report with suppressions applied; `fresh` fetches the repository first."""
        if fresh:
            self.mirrors.refresh(repo)
        today = datetime.fromtimestamp(time.time(), UTC).date()
        report = suppressed(report, self.suppressions(*self._file(repo, FILE)), today)
        statements, notes = _statements(*self._file(repo, vex.FILE))
        return replace(report, merged=vex.apply(report.findings, statements), notes=(*report.notes, *notes))

    def _file(self, repo: str, name: str) -> tuple[bytes, str]:
        branch = default_branch(repo) if repo else ""
        mirror = self.mirrors.path(repo)
        if not branch or not mirror.exists():
            return b"", ""
        try:
            head = git.resolve(mirror, f"refs/heads/{branch}")
        except SluicewayError:
            return b"", ""
        return git.read_file(mirror, head, name) or b"", f"{branch}:{name}"


def _statements(data: bytes, where: str) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """An unreadable file suppresses nothing, and a note says why."""
    if not data:
        return (), ()
    try:
        return vex.read(json.loads(data)), ()
    except (ValueError, TypeError, RecursionError) as wrong:
        return (), (f"{where}: it cannot be read, so it suppresses nothing: {wrong}"[:300],)
