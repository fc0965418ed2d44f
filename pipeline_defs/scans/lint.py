"""Gates without a scan to evaluate, and expressions over images and findings."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core import workspace_patterns
from domain.scans.gate import SET
from pipeline_defs.approvals.lint import lint_rules
from pipeline_defs.core import expressions
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.expression_types import Type
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.scans.model import Gate, Scan

FINDING: dict[str, Type] = {
    "kind": "string",
    "state": "string",
    "severity": "string",
    "new": "bool",
    "rule": "string",
    "cwe": "string",
    "path": "string",
    "file_class": "string",
    "traced": "bool",
    "package": "string",
    "fix_available": "bool",
    "confidence": "string",
    "epss": "double",
    "kev": "bool",
    "age_days": "double",
    "environment": "string",
    "tools": "list",
}
"""Names available in a gate's `block` expression, as domain.scans.gate.seen provides them."""


def lint_scan(block: Scan, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a scan job."""
    path = (*job.path, "scan")
    yield from job.reporter.texts({"image": block.image}, path, job.scope)
    yield from job.reporter.patterns(block.exclude, (*path, "exclude"))
    yield from job.reporter.patterns(block.sarif, (*path, "sarif"), workspace_patterns.file_complaint)


def lint_gate(block: Gate, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a gate job."""
    path = (*job.path, "gate")
    if block.block:
        expression = expressions.bare(block.block)
        yield from job.reporter.expression(expression, (*path, "block"), {"finding": FINDING}, "bool", block.block)
    if block.new_only is True:
        hint = "write `required`, or `auto`, which judges everything as long as nobody has set one"
        message = f"`true` means no green scan any more: the gate is closed until a baseline is signed, by `{SET}`"
        yield job.reporter.warning("SLW042", message, (*path, "new-only"), hint=hint)
    if block.hold:
        yield from lint_rules(block.hold, (*path, "hold"), job.reporter)
    scans = [name for name in job.upstream if name in job.jobs and job.jobs[name].kind in ("scan", "uses")]
    for index, name in enumerate(block.scans):
        where = (*path, "scans", index)
        if name not in job.jobs:
            yield job.reporter.unknown("SLW301", "job", name, job.jobs, where)
        elif name not in scans:
            yield job.reporter.report("SLW305", f"'{name}' is not a scan job upstream of this gate", where, token=name)
    if not scans:
        hint = "add a scan job to its needs; a gate without evidence stays closed"
        yield job.reporter.report("SLW305", "no scan job is upstream of this gate", path, hint=hint, key=True)
