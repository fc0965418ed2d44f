"""Until when a finding may stay is what the strictest gate says that judges its scan."""

from __future__ import annotations

from dataclasses import replace

from domain.pipelines.job import Job, JobKind
from domain.scans.findings.model import FindingKind, Severity
from domain.scans.spec import GateSpec, ScanSpec
from tests.support.known import OLD
from workers.client.findings import due, gates_of

DAY = 86_400.0


def jobs(*gates: GateSpec) -> list[Job]:
    scans = [Job(id=name, kind=JobKind.SCAN, scan=ScanSpec()) for name in ("app", "other")]
    build = Job(id="build", kind=JobKind.RUN, needs=("app",))
    return [
        *scans,
        build,
        *(Job(id=f"g{n}", kind=JobKind.GATE, needs=("build",), gate=one) for n, one in enumerate(gates)),
    ]


def test_a_gate_judges_the_scans_that_it_names_or_needs() -> None:
    one, two = GateSpec(sla_s={"high": DAY}), GateSpec(scans=("other",), sla_s={"low": DAY})

    assert list(gates_of(jobs(one, two), "app")) == [one]
    assert list(gates_of(jobs(one, two), "other")) == [two]
    assert list(gates_of(jobs(one, two), "gone")) == []


def test_the_shortest_limit_of_its_severity_counts_from_its_first_day() -> None:
    old = replace(OLD, since=100.0)
    week, day = GateSpec(sla_s={"high": 7 * DAY}), GateSpec(sla_s={"high": DAY})

    assert due(old, [week, day]) == 100 + DAY
    assert due(old, []) == 0
    assert due(replace(old, severity=Severity.LOW), [week]) == 0
    assert due(replace(old, severity=Severity.UNKNOWN), [week]) == 100 + 7 * DAY
    assert due(replace(old, since=0.0), [week]) == 0
    assert due(replace(old, kind=FindingKind.SECRET), [replace(week, kinds=("sast",))]) == 0
