"""Warns of approvals that today's identities cannot grant: `lint` and `apply` say so in a home that has some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.approvals import feasible
from domain.approvals.feasible import Person
from domain.approvals.spec import ApprovalSpec
from pipeline_defs.approvals.compile import approval_spec
from pipeline_defs.approvals.lint import CODE
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.reader import Source
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.pipelines.model import Component, Pipeline
from pipeline_defs.releases.environment_lint import rule_of
from pipeline_defs.releases.environment_model import Environment

HINT = "register them with `sluiceway identity add NAME --group GROUP`"


def lint(source: Source, people: Sequence[Person]) -> Iterator[Diagnostic]:
    """One warning for each key that cannot be met; none where nobody is registered."""
    reporter = DiagnosticReporter(source)
    for path, spec in _approvals(source):
        for key, why in feasible.unmet(spec, people):
            yield reporter.warning(CODE, why, (*path, key), hint=HINT)


def _approvals(source: Source) -> Iterator[tuple[Path, ApprovalSpec]]:
    document = source.document
    if isinstance(document, Environment):
        yield ("approval",), rule_of(document.approval)
    if not isinstance(document, Pipeline | Component):
        return
    for name, job in document.jobs.items():
        path: Path = ("jobs", name)
        if job.approval:
            yield (*path, "approval"), approval_spec(job.approval)
        if job.gate and job.gate.hold:
            yield (*path, "gate", "hold"), approval_spec(job.gate.hold)
        for index, step in enumerate(job.deploy.approvals if job.deploy else ()):
            rules = ApprovalSpec(
                users=tuple(step.users), groups=tuple(step.groups), roles=tuple(step.roles), quorum=step.quorum
            )
            yield (*path, "deploy", "approvals", index), rules
