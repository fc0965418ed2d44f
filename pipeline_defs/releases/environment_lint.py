"""Errors in an environment's clusters and waves; warnings of approvals that nobody can grant."""

from __future__ import annotations

from collections.abc import Iterator

from domain.approvals.spec import ApprovalSpec
from domain.releases import outcome
from domain.releases.kubernetes.drift_classes import LEAST_S
from pipeline_defs.approvals.lint import CODE, HINT, never_met, quorum_violations
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reader import Source, UsedFiles
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.releases import calendar_files, calendar_lint, waves_lint
from pipeline_defs.releases.environment_model import Environment, EnvironmentApproval, Git
from pipeline_defs.releases.environment_target import Elsewhere


def lint(source: Source, document: Environment, files: UsedFiles) -> Iterator[Diagnostic]:
    """Of approvals warnings only: who may approve is also a matter of the identities, which change."""
    block, reporter = document.approval, DiagnosticReporter(source)
    if not block.groups:
        for one in quorum_violations(block.quorum, block.users, ("approval",)):
            yield reporter.warning(CODE, one.message, one.path, one.token, HINT)
    yield from never_met(rule_of(block), ("approval",), reporter)
    yield from reporter.violations(calendar_lint.violations(document.windows, document.freezes), ())
    if document.git and (wrong := _of_git(document.git, document.target)):
        yield reporter.report("SLW203", wrong, ("git",), key=True)
    yield from calendar_files.lint(document.freezes, files.read_file, reporter, ())
    if isinstance(document.target, Elsewhere):
        yield from waves_lint.waves(document.target.kubernetes, reporter)
        yield from waves_lint.counters(document.target.kubernetes, reporter)
        if 0 < document.target.kubernetes.drift_every < LEAST_S:
            at = ("target", "kubernetes", "drift-every")
            yield reporter.report("SLW203", f"drift is looked for every {LEAST_S:.0f} s at most, or 0: never", at)


def _of_git(git: Git, target: str | Elsewhere) -> str:
    if git.weights:
        return outcome.NO_WEIGHTS
    if git.import_ and not isinstance(target, Elsewhere):
        return "what git applies, it applies to a cluster: `import` needs `target: {kubernetes: ...}`"
    if not (git.repository or git.import_):
        return "name the repository that says what is live"
    return outcome.violation(git.path, git.branch)


def rule_of(block: EnvironmentApproval) -> ApprovalSpec:
    """The least that an environment demands, as an approval of its own."""
    return ApprovalSpec(
        users=tuple(block.users), groups=tuple(block.groups), quorum=block.quorum, per_group=dict(block.per_group)
    )
