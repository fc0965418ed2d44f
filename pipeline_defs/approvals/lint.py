"""Finds approvals that could never be granted."""

from __future__ import annotations

from collections.abc import Iterator, Sized

from domain.core.values import number
from pipeline_defs.approvals.model import Approval
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.job_context import JobContext


def lint_approval(block: Approval, job: JobContext) -> Iterator[Diagnostic]:
    """Checks an approval job."""
    path = (*job.path, "approval")
    yield from job.reporter.texts({"message": block.message}, path, job.scope)
    yield from job.reporter.violations(_violations(block), path)


def _violations(block: Approval) -> Iterator[Violation]:
    if not (block.groups or block.roles):
        yield from quorum_violations(block.quorum, block.users, ())
    for reminder in block.reminders:
        if reminder >= block.expires:
            yield Violation("SLW203", "the reminder is sent after the approval has expired", ("reminders",))


def quorum_violations(quorum: int, users: Sized, path: Path) -> Iterator[Violation]:
    """More approvals than users who may decide; without users, anyone may."""
    if users and quorum > len(users):
        message = f"the quorum is {quorum}, but only {number(len(users), 'user')} may approve"
        yield Violation("SLW203", message, (*path, "quorum"), str(quorum))
