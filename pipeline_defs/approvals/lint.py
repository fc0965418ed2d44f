"""Finds approvals that could never be granted."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from domain.approvals import feasible
from domain.approvals.spec import ApprovalSpec
from domain.core.values import number
from pipeline_defs.approvals.compile import approval_spec
from pipeline_defs.approvals.model import Approval
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.core.reporter import DiagnosticReporter

CODE = "SLW210"
HINT = "such an approval only ever expires, which rejects it"


def lint_approval(block: Approval, job: JobContext) -> Iterator[Diagnostic]:
    """Checks an approval job."""
    path = (*job.path, "approval")
    yield from job.reporter.texts({"message": block.message}, path, job.scope)
    yield from lint_rules(block, path, job.reporter)


def lint_rules(block: Approval, path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """Checks who may approve, of an approval job or of a held gate."""
    yield from reporter.violations(_violations(block), path)
    yield from never_met(approval_spec(block), path, reporter)


def never_met(spec: ApprovalSpec, path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """Warns of what nobody can meet, whoever is registered."""
    for key, why in feasible.contradictions(spec):
        yield reporter.warning(CODE, why, (*path, key), hint=HINT)


def _violations(block: Approval) -> Iterator[Violation]:
    if not (block.groups or block.roles):
        yield from quorum_violations(block.quorum, block.users, ())
    for reminder in block.reminders:
        if reminder >= block.expires:
            yield Violation("SLW203", "the reminder is sent after the approval has expired", ("reminders",))


def quorum_violations(quorum: int, users: Collection[str], path: Path) -> Iterator[Violation]:
    """More approvals than different users who may decide; without users, anyone may."""
    if users and quorum > len(set(users)):
        message = f"the quorum is {quorum}, but only {number(len(set(users)), 'user')} may approve"
        yield Violation("SLW203", message, (*path, "quorum"), str(quorum))
