"""Gate settings of the commit before a push: a commit that loosens a gate is still judged by what stood there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.pipelines.job import Job
from domain.pipelines.plan import Plan
from domain.scans.spec import GatesBefore, GateSpec, ScanSpec


def with_gates_before(plan: Plan, before: Plan, commit: str) -> Plan:
    """The plan, each gate with the settings that it had at `commit`. A gate of a new name has those of all gates there.

    A plan whose gates and scans are as they were stays as it is.
    """
    known = {_name(job): _settings(job.gate) for job in before.jobs if job.gate}
    scans = [job.scan for job in before.jobs if job.scan]
    exclude = tuple(sorted({pattern for scan in scans for pattern in scan.exclude}))
    paths = tuple(sorted({scan.path for scan in scans if not scan.image}))
    now = [job.scan for job in plan.jobs if job.scan]
    gone = _tools(scans) - _tools(now)
    loosened = bool(gone) or any(
        set(scan.exclude) - set(exclude) or (not scan.image and scan.path not in paths) for scan in now
    )

    def bound(job: Job) -> Job:
        if job.gate is None or not known:
            return job
        found = (known[_name(job)],) if _name(job) in known else tuple(known.values())
        if not loosened and found == (_settings(job.gate),):
            return job
        return replace(
            job, before=GatesBefore(specs=found, exclude=exclude, paths=paths, tools=tuple(sorted(gone)), commit=commit)
        )

    return replace(plan, jobs=tuple(map(bound, plan.jobs)))


def _name(job: Job) -> str:
    return job.group or job.id


def _tools(scans: Iterable[ScanSpec]) -> set[str]:
    """Those that look at the source: images have scanners of their own."""
    return {tool for scan in scans if not scan.image for tool in scan.tools}


def _settings(spec: GateSpec) -> GateSpec:
    """What decides about findings: not which scans, and not who may open a closed gate."""
    return replace(spec, scans=(), hold=None)
