"""What differs between two attempts of a run: definition, results, outputs, artifacts, findings, timings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from domain.jobs.result import JobResult
from domain.pipelines.job import Job
from domain.scans.findings.baseline import compare
from domain.scans.findings.model import Finding, State


@dataclass(frozen=True)
class Side:
    """One of the two compared attempts; `seconds`: how long each job took."""

    jobs: Sequence[Job]
    results: Mapping[str, JobResult]
    """Job, cell or item to its result."""
    seconds: Mapping[str, float]
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    """Scan job to its findings."""


@dataclass(frozen=True)
class Difference:
    """One difference between two attempts; empty `before` or `after`: absent there."""

    job: str
    what: str
    """definition, status, output NAME, artifact NAME, findings, or seconds."""
    before: str = ""
    after: str = ""


def differences(before: Side, after: Side) -> list[Difference]:
    """In the order of the plan; durations only of jobs that ran in both."""
    found = list(_definition(before.jobs, after.jobs))
    for id_ in dict.fromkeys([*before.results, *after.results]):
        one, two = before.results.get(id_), after.results.get(id_)
        found += _result(id_, one, two)
        if one and two and not two.reused:
            old, new = before.seconds.get(id_, 0), after.seconds.get(id_, 0)
            found.append(Difference(id_, "seconds", f"{old:.1f}", f"{new:.1f}"))
        found += _findings(id_, before.findings.get(id_), after.findings.get(id_))
    return found


def _definition(before: Sequence[Job], after: Sequence[Job]) -> Iterator[Difference]:
    old, new = {job.id: job for job in before}, {job.id: job for job in after}
    for id_ in dict.fromkeys([*old, *new]):
        if id_ not in new:
            yield Difference(id_, "definition", "there", "gone")
        elif id_ not in old:
            yield Difference(id_, "definition", "not there", "new")
        elif old[id_] != new[id_]:
            changed = [one.name for one in fields(Job) if getattr(old[id_], one.name) != getattr(new[id_], one.name)]
            yield Difference(id_, "definition", "", f"changed: {', '.join(changed)}")


def _result(id_: str, one: JobResult | None, two: JobResult | None) -> Iterator[Difference]:
    statuses = tuple(str(result.status) if result else "no result" for result in (one, two))
    if statuses[0] != statuses[1]:
        yield Difference(id_, "status", *statuses)
    if one is None or two is None:
        return
    for kind, old, new in (("output", one.outputs, two.outputs), ("artifact", one.artifacts, two.artifacts)):
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield Difference(id_, f"{kind} {name}", _shown(old.get(name)), _shown(new.get(name)))


def _findings(id_: str, old: tuple[Finding, ...] | None, new: tuple[Finding, ...] | None) -> Iterator[Difference]:
    if old is None or new is None:
        return
    compared = compare(old, new)
    for gone in compared.fixed:
        yield Difference(id_, "findings", _words(gone), "gone")
    for one in compared.findings:
        if one.state is State.NEW:
            yield Difference(id_, "findings", "not there", _words(one))
        elif one.state is not State.EXISTING:
            yield Difference(id_, "findings", f"{one.state}: {one.why}", _words(one))


def _words(finding: Finding) -> str:
    return f"{finding.severity} {finding.rule} {finding.path}:{finding.line}"


def _shown(value: object) -> str:
    return "none" if value is None else str(value)[:60]
