"""A run as one self-contained HTML file: no scripts, fonts or images from elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from activities.core import serialization as serial
from activities.core.templates import template
from activities.evidence.records import Records
from activities.evidence.release_plots import plots
from activities.pipelines.plan_store import plan_jobs
from activities.storage.port import Store
from domain.approvals.artifact import DECISIONS
from domain.approvals.request import DecisionRecord
from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult
from domain.jobs.testing import TestReport
from domain.releases.judge.policy import Policy
from domain.releases.record import ReleaseRecord
from domain.releases.traffic_baseline import Baseline
from domain.scans.findings.model import ScanReport, counts
from domain.scans.gate import GateVerdict

MAX_LOG_LINES = 60


class Reporter:
    """Reads the records and the store; does not need Temporal."""

    def __init__(self, records: Records, store: Store) -> None:
        self._records, self._store = records, store

    def html(self, run_id: str) -> bytes:
        """The page as UTF-8.

        Raises:
            SluicewayError: SLW911, unknown run.
        """
        page: str = template("evidence/run_report").render(self.facts(run_id))
        return page.encode()

    def facts(self, run_id: str) -> dict[str, Any]:
        """All values of the page. Unreadable content is named, not left out."""
        run = self._records.runs.get(run_id)
        if run is None:
            raise SluicewayError("SLW911", f"there is no record of {run_id}", fix="sluiceway runs")
        event = json.loads(run["event"])
        began = run["started_at"]
        ended = run["ended_at"] or max(
            (row["ended_at"] or began for row in self._records.runs.jobs(run_id)), default=began
        )
        span = max(ended - began, 0.001)
        jobs = [self._job(row, began, span) for row in self._records.runs.jobs(run_id)]
        stages = self._stages(run["plan"], jobs)
        jobs = [job for stage in stages for job in stage["jobs"]]
        return {
            "run": run,
            "event": event,
            "began": f"{datetime.fromtimestamp(began, UTC):%Y-%m-%d %H:%M:%S} UTC",
            "took": duration_text(ended - began),
            "stages": stages,
            "jobs": jobs,
            "tests": [job for job in jobs if job["tests"]],
            "scans": [job for job in jobs if job["scan"]],
            "gates": [job for job in jobs if job["gate"]],
            "approvals": [job for job in jobs if job["kind"] == "approval"],
            "releases": [self._release(row) for row in self._records.releases.of_run(run_id)],
        }

    def _job(self, row: JobRecord, began: float, span: float) -> dict[str, Any]:
        result = serial.load(JobResult, row["result"]) if row["result"] != "{}" else None
        start, end = row["started_at"] or began, row["ended_at"] or began + span
        kept = f" (kept from {result.reused.removeprefix('run/')})" if result and result.reused else ""
        job: dict[str, Any] = {
            "id": row["job"],
            "anchor": f"{row['job']}-{row['attempt']}",
            "kind": row["kind"],
            "stage": row["stage"] or row["kind"],
            "attempt": row["attempt"],
            "status": row["status"],
            "reason": (result.reason if result else "") + kept,
            "took": duration_text(max(end - start, 0)),
            "left_percent": round(100 * max(start - began, 0) / span, 2),
            "width_percent": 0 if kept else max(round(100 * max(end - start, 0) / span, 2), 0.4),
            "log": self._log(result.log) if result and row["status"] not in ("passed", "skipped") else [],
            "tests": None,
            "scan": None,
            "gate": None,
            "decisions": (),
        }
        if result and DECISIONS in result.artifacts:
            job["decisions"] = self._load(tuple[DecisionRecord, ...], result.artifacts[DECISIONS])
        if result and result.report:
            kinds: dict[str, tuple[str, Any]] = {
                "test": ("tests", TestReport),
                "scan": ("scan", ScanReport),
                "gate": ("gate", GateVerdict),
                "approval": ("decisions", tuple[DecisionRecord, ...]),
            }
            if row["kind"] in kinds:
                key, kind = kinds[row["kind"]]
                job[key] = self._load(kind, result.report)
                if key == "scan" and job[key]:
                    job["found"] = sorted(job[key].findings, key=lambda f: -f.severity.rank)
                    job["counts"] = counts(job[key].findings)
        return job

    def _release(self, row: ReleaseRecord) -> dict[str, Any]:
        result = json.loads(row["result"])
        story = [
            {**event, "at": f"{datetime.fromtimestamp(event['at'], UTC):%H:%M:%S}"} for event in result.get("story", [])
        ]
        found = {"id": row["id"], "result": result, "story": story, "plots": [], "css": "", "baseline": ""}
        verdict = result.get("verdict", "running")
        found["css"] = {"live": "passed", "aborted": "rolled-back"}.get(verdict, verdict)
        if result.get("ticks"):
            policy = serial.load(Policy, json.dumps(result["policy"]))
            baseline = serial.load(Baseline, json.dumps(result["baseline"]))
            found["baseline"] = baseline.words()
            try:
                found["plots"] = plots(self._store.get(result["ticks"]), policy, dict(baseline.phi))
            except (SluicewayError, ValueError) as gone:
                _unless_away(gone)
                found["baseline"] = f"the recorded ticks cannot be shown: {gone}"
        return found

    def _load(self, kind: Any, digest: str) -> Any:
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
        return [json.loads(line)["l"] for line in lines[-MAX_LOG_LINES:]]

    def _stages(self, plan: str, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        order: list[str] = []
        if plan:
            try:
                order = list(dict.fromkeys(job.stage for job in plan_jobs(self._store, plan)))
            except SluicewayError as gone:
                _unless_away(gone)
                order = []
        names = list(dict.fromkeys([*order, *(job["stage"] for job in jobs)]))
        return [{"name": name, "jobs": [job for job in jobs if job["stage"] == name]} for name in names]


def _unless_away(gone: Exception) -> None:
    """A report without deleted content is final; one made while the store is away would stay incomplete."""
    if isinstance(gone, SluicewayError) and gone.transient:
        raise gone
