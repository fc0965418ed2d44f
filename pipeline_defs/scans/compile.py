"""Compiles scan and gate blocks."""

from __future__ import annotations

from domain.scans import gate
from domain.scans.spec import Always, GateSpec, ScanSpec
from pipeline_defs.approvals.compile import approval_spec
from pipeline_defs.core import expressions
from pipeline_defs.core.job_context import JobPart, PlanContext
from pipeline_defs.scans.model import AlwaysCounts, Gate, Scan


def compile_scan(block: Scan, context: PlanContext) -> JobPart:
    """The scan part of a planned job."""
    spec = ScanSpec(tuple(block.tools), block.path, tuple(block.exclude), tuple(block.sarif), block.image)
    return {"scan": spec}


def compile_gate(block: Gate, context: PlanContext) -> JobPart:
    """The gate part of a planned job."""
    return {"gate": gate_spec(block)}


def gate_spec(block: Gate) -> GateSpec:
    """The named policy, overridden by the block's own keys."""
    written = GateSpec(
        scans=tuple(block.scans),
        fail_on=block.fail_on,
        kinds=tuple(block.kinds),
        allow={str(severity): number for severity, number in block.allow.items()},
        unknown_as=block.unknown_as,
        accepted=block.new_only is not False,
        needs_baseline=block.new_only in ("required", True),
        always=always_of(block.always),
        classes=tuple(block.classes),
        sla_s={str(severity): seconds for severity, seconds in block.sla.items()},
        block=expressions.bare(block.block),
        max_db_age_s=block.max_db_age,
        tool_suppressions=block.tool_suppressions,
        skipped=block.skipped,
        hold=approval_spec(block.hold) if block.hold else None,
    )
    fields = {"max_db_age": ["max_db_age_s"], "sla": ["sla_s"], "new_only": ["accepted", "needs_baseline"]}
    given = [each for name in block.model_fields_set if name != "policy" for each in fields.get(name, [name])]
    return gate.policy(block.policy, written, given)


def always_of(block: AlwaysCounts) -> Always:
    """Sorted, so that the same names are equal in any order."""
    return Always(
        kinds=tuple(sorted(block.kinds)),
        rules=tuple(sorted(block.rules)),
        classes=tuple(sorted(block.classes)),
        severities=tuple(sorted(block.severities)),
    )
