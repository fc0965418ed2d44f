"""Findings of default branches, read from the records: the last scan of every job, with limits and baselines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from activities.pipelines.plan_store import plan_jobs
from activities.scans.baselines.baselines import Scanned
from activities.scans.baselines.branch_scan_store import BranchScanRecord
from activities.scans.baselines.known_findings import KnownFindings
from activities.scans.baselines.signed_baselines import SetBaseline
from activities.storage.port import Store
from domain.core.errors import SluicewayError
from domain.pipelines import dag
from domain.pipelines.job import Job
from domain.policy.policy import Push, SuppressionRule
from domain.scans.counting import never_excused, rated
from domain.scans.findings.model import Finding
from domain.scans.findings.worklist import OpenFinding, named
from domain.scans.spec import Always, GateSpec
from domain.triggers.events import EventKind
from domain.triggers.repository_name import repository_name
from workers.core.records import Records

MAX_NAMED = 10
"""So many scans or findings are named in an error."""
START = re.compile(r"[0-9a-f]{4,64}")
"""How a finding is named."""


@dataclass(frozen=True)
class OpenFindings:
    """Reads, and changes nothing."""

    known: KnownFindings
    records: Records
    store: Store

    def scans(self, pipeline: str = "", job: str = "") -> list[BranchScanRecord]:
        """The last scan of each job.

        Raises:
            SluicewayError: SLW885, there is none.
        """
        found = [row for row in self.known.scans.newest(pipeline) if job in ("", row["job"])]
        if not found:
            rows = self.known.scans.newest()
            of = f" of {pipeline} {job}".rstrip() if pipeline or job else ""
            known = ", ".join(sorted({f"{row['pipeline']} {row['job']}" for row in rows})[:MAX_NAMED])
            why = f"known: {known}" if known else ""
            fix = "push the default branch to a pipeline that has a scan job and starts on pushes (`on: {push: {}}`)"
            raise SluicewayError("SLW885", f"no scan of a default branch{of} is known", why=why, fix=fix)
        return found

    def all(self, pipeline: str = "") -> list[OpenFinding]:
        """Of every job's last scan. Raises like `scans`."""
        return [one for row in self.scans(pipeline) for one in self._of(row)]

    def one(self, fingerprint: str) -> list[OpenFinding]:
        """The finding, once for each scan that has it.

        Raises:
            SluicewayError: SLW886, there is none, or several begin so.
        """
        found = named(self.all(), fingerprint)
        if len({one.finding.fingerprint for one in found}) != 1:
            fix = "sluiceway findings list"
            raise SluicewayError("SLW886", f"no such finding: '{fingerprint}'", why=_why(fingerprint, found), fix=fix)
        return found

    def baseline(self, row: BranchScanRecord) -> SetBaseline:
        """What a person has set for the job of a scan."""
        return self.known.signed.of(scanned(row), self.may_accept(row))

    def may_accept(self, row: BranchScanRecord) -> SuppressionRule:
        """Who may accept risks of this branch."""
        push = Push(
            repository=repository_name(row["repo"]),
            pipeline=row["pipeline"],
            event=EventKind.PUSH,
            branch=row["branch"],
        )
        return self.known.policies(push).suppressions

    def _of(self, row: BranchScanRecord) -> Iterator[OpenFinding]:
        report = self.known.scans.report(row)
        if report is None:
            return
        gates, accepted = self._gates(row), self.baseline(row).accepted(row["report"])
        for one in report.findings:
            yield OpenFinding(
                finding=one,
                pipeline=row["pipeline"],
                job=row["job"],
                repo=row["repo"],
                branch=row["branch"],
                commit=row["commit_id"],
                due=due(one, gates),
                accepted=accepted.has(one) and not never_excused(Always(), one, one.severity),
            )

    def _gates(self, row: BranchScanRecord) -> list[GateSpec]:
        """The gates that judge the scan, by the plan of its run; none, if that has expired."""
        run = self.records.runs.get(row["run"])
        if run is None or not run["plan"]:
            return []
        try:
            jobs = plan_jobs(self.store, run["plan"])
        except SluicewayError:
            return []
        return list(gates_of(jobs, row["job"]))


def _why(fingerprint: str, found: Sequence[OpenFinding]) -> str:
    """Why it names no finding: none, or several."""
    if not START.fullmatch(fingerprint):
        return "a fingerprint is named by its first four digits (0 to 9, a to f) or more"
    if not found:
        return "no last scan of a default branch has one that begins so"
    several = sorted({f"{one.finding.fingerprint} {one.finding.rule} {one.finding.path}" for one in found})
    return f"{len(several)} findings begin so: {'; '.join(several[:MAX_NAMED])}"


def scanned(row: BranchScanRecord) -> Scanned:
    """The job that made a scan."""
    return Scanned(row["pipeline"], row["repo"], row["job"])


def gates_of(jobs: Sequence[Job], scan: str) -> Iterator[GateSpec]:
    """The gates of a plan that judge a scan job."""
    known = {one.id: one for one in jobs}
    needs = {one.group or one.id: one.needs for one in known.values()}
    group = (known[scan].group or scan) if scan in known else scan
    for one in known.values():
        if one.gate and group in (one.gate.scans or dag.upstream(needs, one.group or one.id)):
            yield one.gate


def due(finding: Finding, gates: Sequence[GateSpec]) -> float:
    """When the first of the gates that count it closes for its age, in seconds since the epoch; 0: none does."""
    limits = [
        gate.sla_s[severity]
        for gate in gates
        if (severity := rated(gate, finding).value) in gate.sla_s and (not gate.kinds or finding.kind in gate.kinds)
    ]
    return finding.since + min(limits) if limits and finding.since else 0.0
