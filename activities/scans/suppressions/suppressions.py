"""Accepted risks from reviewed files: suppressions, and suppliers' statements (OpenVEX)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from activities.scans.baselines.branches import default_branch
from activities.scans.merge import suppressed
from activities.scans.suppressions.suppression_approval import IdentityOf, SuppressionApproval, signed_in
from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from domain.policy.policy import SuppressionRule
from domain.scans.findings import suppression_signatures, vex
from domain.scans.findings.model import ScanReport
from domain.scans.findings.suppressions import FILE, Suppression
from domain.scans.findings.vex import Statement
from domain.triggers.events import EventKind, EventRef
from domain.triggers.repository_name import repository_name

ReadSuppressions = Callable[[bytes, str], Sequence[Suppression]]
"""A file's content and name to its entries; empty when it cannot be read."""


@dataclass(frozen=True)
class AcceptedRisks:
    """Read from the repository's default branch. An entry counts if its approver is a registered identity that may
    suppress, and has signed it; a policy can accept entries that stood in the commit before the push instead.
    """

    mirrors: Mirrors
    suppressions: ReadSuppressions
    identity_of: IdentityOf = lambda name: None

    def applied(
        self, report: ScanReport, repo: str, event: EventRef, rule: SuppressionRule, *, fresh: bool = False
    ) -> ScanReport:
        """The report with suppressions applied; `fresh` fetches the repository first."""
        if fresh:
            self.mirrors.refresh(repo)
        today = datetime.fromtimestamp(time.time(), UTC).date()
        branch = default_branch(repo) if repo else ""
        approval = self._approval(repo, branch, event, rule)
        entries = self.suppressions(*self._file(repo, branch, FILE))
        refused = {one: approval.entry(one) for one in entries}
        report = suppressed(report, [one for one in entries if not refused[one]], today)
        notes = [f"{one.where}: it suppresses nothing, {why}" for one, why in refused.items() if why]
        document, where = self._file(repo, branch, vex.FILE)
        if document and (why := approval.statements(document)):
            return replace(report, notes=(*report.notes, *notes, f"{where}: it suppresses nothing, {why}"))
        statements, unread = _statements(document, where)
        return replace(report, merged=vex.apply(report.findings, statements), notes=(*report.notes, *notes, *unread))

    def _approval(self, repo: str, branch: str, event: EventRef, rule: SuppressionRule) -> SuppressionApproval:
        before: list[Suppression] = []
        pushed = event.kind is EventKind.PUSH and event.branch == branch
        if rule.unsigned:
            data = self._file(repo, branch, FILE, event.base if pushed else f"refs/heads/{branch}")
            before = [replace(one, where="") for one in self.suppressions(*data)]
        signed = signed_in(self._file(repo, branch, suppression_signatures.FILE)[0])
        return SuppressionApproval(rule, self.identity_of, repository_name(repo), signed, before)

    def _file(self, repo: str, branch: str, name: str, commit: str | None = None) -> tuple[bytes, str]:
        """A file and its name: of the default branch's head, or of a commit; empty where there is none."""
        mirror = self.mirrors.path(repo)
        if not branch or commit == "" or not mirror.exists():
            return b"", ""
        try:
            head = git.resolve(mirror, commit or f"refs/heads/{branch}")
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
