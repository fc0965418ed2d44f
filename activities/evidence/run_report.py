"""A run as one self-contained HTML file: no scripts, fonts or images from elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from activities.core import serialization as serial
from activities.core.templates import template
from activities.evidence.approval_review import Review, Reviewer
from activities.evidence.records import Records
from activities.evidence.release_parts import PartFacts, parts_of
from activities.evidence.release_plots import Plot, plots
from activities.pipelines.plan_store import plan_jobs
from activities.storage.port import Store
from domain.approvals.artifact import DECISIONS
from domain.approvals.request import DecisionRecord
from domain.approvals.scope import SUBJECT
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult
from domain.jobs.testing import TestReport
from domain.releases.judge.policy import Policy
from domain.releases.judge.told import pooled
from domain.releases.record import ReleaseRecord
from domain.releases.traffic_baseline import Baseline
from domain.runs.record import RunRecord
from domain.scans.findings import trend
from domain.scans.findings.model import Finding, ScanReport
from domain.scans.gate import GateVerdict

MAX_LOG_LINES = 60


T = TypeVar("T")


@dataclass(kw_only=True)
class JobFacts:
    """One attempt of a job, as the page shows it."""

    id: str
    kind: str
    stage: str
    attempt: int
    status: str
    reason: str
    took: str
    left_percent: float
    """Where its bar begins, in the time of the run."""
    width_percent: float
    log: list[str]
    """The last lines, of a job that has not passed."""
    tests: TestReport | None = None
    scan: ScanReport | None = None
    found: list[Finding] = field(default_factory=list)
    """Findings of the scan, worst first."""
    gate: GateVerdict | None = None
    decisions: tuple[DecisionRecord, ...] = ()
    review: Review | None = None
    """What was approved, or is asked for."""


@dataclass
class StageFacts:
    """The jobs of a stage."""

    name: str
    jobs: list[JobFacts]


@dataclass
class ReleaseFacts:
    """A release that the run made."""

    id: str
    verdict: str
    """Empty while it is under way."""
    strategy: str
    reason: str
    story: list[Object]
    """Its events, each with the time of day."""
    css: str
    services: bool = False
    """Whether its parts are services, and not clusters."""
    plots: list[Plot] = field(default_factory=list)
    parts: list[PartFacts] = field(default_factory=list)
    """Of a release over many: its clusters, or its services."""
    together: list[str] = field(default_factory=list)
    """What its parts showed together, a sentence for each metric."""
    baseline: str = ""
    """What it was compared with, or why that cannot be shown."""


@dataclass(kw_only=True)
class RunFacts:
    """All that the page shows, by the names that its template knows."""

    run: RunRecord
    event: Object
    began: str
    took: str
    stages: list[StageFacts]
    jobs: list[JobFacts]
    tests: list[JobFacts]
    scans: list[JobFacts]
    gates: list[JobFacts]
    approvals: list[JobFacts]
    releases: list[ReleaseFacts]


class Reporter:
    """Reads the records and the store; does not need Temporal."""

    def __init__(self, records: Records, store: Store, reviewer: Reviewer | None = None) -> None:
        """`reviewer` shows what approvals are about; None: only who decided."""
        self._records, self._store, self._reviewer = records, store, reviewer

    def html(self, run_id: str) -> bytes:
        """The page as UTF-8.

        Raises:
            SluicewayError: SLW911, unknown run.
        """
        page: str = template("evidence/run_report").render(vars(self.facts(run_id)), day=_day, trend=trend.words)
        return page.encode()

    def facts(self, run_id: str) -> RunFacts:
        """All values of the page. Unreadable content is named, not left out."""
        run = self._records.runs.get(run_id)
        if run is None:
            raise SluicewayError("SLW911", f"there is no record of {run_id}", fix="sluiceway runs")
        rows, began = self._records.runs.jobs(run_id), run["started_at"]
        ended = run["ended_at"] or max((row["ended_at"] or began for row in rows), default=began)
        span = max(ended - began, 0.001)
        stages = self._stages(run["plan"], [self._job(row, began, span) for row in rows])
        jobs = [job for stage in stages for job in stage.jobs]
        return RunFacts(
            run=run,
            event=Node(json.loads(run["event"])).object(),
            began=f"{datetime.fromtimestamp(began, UTC):%Y-%m-%d %H:%M:%S} UTC",
            took=duration_text(ended - began),
            stages=stages,
            jobs=jobs,
            tests=[job for job in jobs if job.tests],
            scans=[job for job in jobs if job.scan],
            gates=[job for job in jobs if job.gate],
            approvals=[job for job in jobs if job.kind == "approval"],
            releases=self._releases(run_id),
        )

    def _releases(self, run_id: str) -> list[ReleaseFacts]:
        rows = self._records.releases.of_run(run_id)
        results = {row["id"]: Node(json.loads(row["result"])) for row in rows}
        found = [self._release(row, results[row["id"]]) for row in rows]
        for one in found:
            one.parts = list(parts_of(results[one.id], results, self._store))
            one.together = [f"{each} at {each.new[1]:,} requests" for each in pooled(results[one.id])]
        return found

    def _job(self, row: JobRecord, began: float, span: float) -> JobFacts:
        result = serial.load(JobResult, row["result"]) if row["result"] != "{}" else None
        start, end = row["started_at"] or began, row["ended_at"] or began + span
        kept = f" (kept from {result.reused.removeprefix('run/')})" if result and result.reused else ""
        job = JobFacts(
            id=row["job"],
            kind=row["kind"],
            stage=row["stage"] or row["kind"],
            attempt=row["attempt"],
            status=row["status"],
            reason=(result.reason if result else "") + kept,
            took=duration_text(max(end - start, 0)),
            left_percent=round(100 * max(start - began, 0) / span, 2),
            width_percent=0 if kept else max(round(100 * max(end - start, 0) / span, 2), 0.4),
            log=self._log(result.log) if result and row["status"] not in ("passed", "skipped") else [],
        )
        if result:
            self._add_reports(job, result)
            job.review = self._review(row, result)
        return job

    def _review(self, row: JobRecord, result: JobResult) -> Review | None:
        """Beside what was live when it was asked for."""
        digest = result.artifacts.get(SUBJECT, "") if row["kind"] in ("approval", "gate") else ""
        if not digest or self._reviewer is None:
            return None
        try:
            return self._reviewer.review(digest, row["run"], row["started_at"] or 0.0)
        except SluicewayError as gone:
            _unless_away(gone)
            return None

    def _add_reports(self, job: JobFacts, result: JobResult) -> None:
        if DECISIONS in result.artifacts:
            job.decisions = self._load(tuple[DecisionRecord, ...], result.artifacts[DECISIONS]) or ()
        if not result.report:
            return
        match job.kind:
            case "test":
                job.tests = self._load(TestReport, result.report)
            case "scan":
                job.scan = self._load(ScanReport, result.report)
                if job.scan:
                    job.found = sorted(job.scan.findings, key=lambda f: -f.severity.rank)
            case "gate":
                job.gate = self._load(GateVerdict, result.report)
            case "approval":
                job.decisions = self._load(tuple[DecisionRecord, ...], result.report) or ()

    def _release(self, row: ReleaseRecord, result: Node) -> ReleaseFacts:
        story: list[Object] = [
            {**event.object(), "at": f"{datetime.fromtimestamp(event.need_number('at'), UTC):%H:%M:%S}"}
            for event in result["story"]
        ]
        verdict = result["verdict"].text()
        css = {"live": "passed", "aborted": "rolled-back", "": "running"}.get(verdict, verdict)
        words = verdict, result["strategy"].text(), result["reason"].text()
        found = ReleaseFacts(row["id"], *words, story, css, result["services"].value is True)
        if ticks := result["ticks"].text():
            policy = serial.load(Policy, json.dumps(result["policy"].value))
            baseline = serial.load(Baseline, json.dumps(result["baseline"].value))
            found.baseline = baseline.words()
            try:
                found.plots = plots(self._store.get(ticks), policy, dict(baseline.phi))
            except (SluicewayError, ValueError) as gone:
                _unless_away(gone)
                found.baseline = f"the recorded ticks cannot be shown: {gone}"
        return found

    def _load(self, kind: type[T], digest: str) -> T | None:
        try:
            return serial.load(kind, self._store.get(digest))
        except (SluicewayError, ValueError) as gone:
            _unless_away(gone)
            return None

    def _log(self, digest: str) -> list[str]:
        """The last lines, which show why."""
        if not digest:
            return []
        try:
            lines = self._store.get(digest).decode("utf-8", "replace").splitlines()
        except SluicewayError as gone:
            _unless_away(gone)
            return [gone.what]
        return [Node(json.loads(line)).need_text("l") for line in lines[-MAX_LOG_LINES:]]

    def _stages(self, plan: str, jobs: list[JobFacts]) -> list[StageFacts]:
        order: list[str] = []
        if plan:
            try:
                order = list(dict.fromkeys(job.stage for job in plan_jobs(self._store, plan)))
            except SluicewayError as gone:
                _unless_away(gone)
                order = []
        names = list(dict.fromkeys([*order, *(job.stage for job in jobs)]))
        return [StageFacts(name, [job for job in jobs if job.stage == name]) for name in names]


def _unless_away(gone: Exception) -> None:
    """A report without deleted content is final; one made while the store is away would stay incomplete."""
    if isinstance(gone, SluicewayError) and gone.transient:
        raise gone


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
