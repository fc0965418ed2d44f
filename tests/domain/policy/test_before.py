"""A commit that looks at less, or with less, is judged by what stood there before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan
from domain.policy.before import with_gates_before
from domain.scans.spec import GateSpec, ScanSpec

TOOLS = st.lists(st.sampled_from(["bandit", "semgrep", "trivy"]), min_size=1, unique=True).map(tuple)
STANDARD = GateSpec()


def plan(tools: tuple[str, ...] = ("bandit",), gate: GateSpec = STANDARD) -> Plan:
    scan = Job(id="scan", kind=JobKind.SCAN, scan=ScanSpec(tools=tools))
    return Plan("web", (scan, Job(id="gate", needs=("scan",), kind=JobKind.GATE, gate=gate)))


@given(TOOLS, TOOLS)
def test_a_scanner_that_is_left_out_must_still_have_run(before: tuple[str, ...], now: tuple[str, ...]) -> None:
    (gate,) = [job for job in with_gates_before(plan(now), plan(before), "c").jobs if job.gate]
    gone = set(before) - set(now)

    assert (gate.before is not None) == bool(gone)
    if gate.before:
        assert set(gate.before.tools) == gone


def test_a_gate_that_begins_to_know_a_baseline_is_judged_without_one_too() -> None:
    looser = plan(gate=GateSpec(accepted=True, classes=("own",)))
    (gate,) = [job for job in with_gates_before(looser, plan(), "c").jobs if job.gate]

    assert gate.before
    assert gate.before.specs == (STANDARD,)
