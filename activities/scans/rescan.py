"""Matches stored SBOMs of live releases against the current vulnerability database.

No image is pulled and nothing running is touched. A result is saved only after people were notified: a crash in between
notifies twice rather than never.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.access.definition_store import DefinitionStore
from activities.access.environments import Environments
from activities.core import serialization as serial
from activities.core.cancellation import Heartbeat, run_blocking
from activities.core.errors import as_failure, permanent
from activities.scans import port
from activities.scans.merge import compare_with_baseline, merge_reports
from activities.scans.port import Rescanned, Scanner, Target
from activities.scans.running.progress import Lines
from activities.scans.running.scan_runner import Scanning
from activities.storage.port import Store
from activities.supervisor import tree
from activities.supply_chain.attestations import Attestor
from domain.core import ids as keys
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.jobs.record import JobRecord
from domain.releases.previous_version import previous_version
from domain.releases.record import ReleaseRecord
from domain.scans import rescan
from domain.scans.findings.model import FindingKind, ScanReport, ScanState
from domain.scans.rescan import Alarm, Running, WatchRule
from domain.supply_chain import attestation

SCANNER = "trivy-sbom"
LIMIT_S = 600
KIND = "Rescan"


class JobHistory(Protocol):
    """Recorded jobs."""

    def jobs(self, run: str) -> list[JobRecord]:
        """All attempts, in the order of their start."""
        ...


class ReleaseHistory(Protocol):
    """Recorded releases."""

    def all(self) -> list[ReleaseRecord]:
        """Oldest first, by environment."""
        ...


class Records(Protocol):
    """The records that a rescan reads."""

    @property
    def runs(self) -> JobHistory: ...
    @property
    def releases(self) -> ReleaseHistory: ...
    @property
    def definitions(self) -> DefinitionStore: ...


@dataclass
class RescanActivities(port.RescanActivities):
    """`scratch`: a folder for SBOMs during a scan."""

    records: Records
    store: Store
    scanner: Scanner
    attestor: Attestor
    scratch: Path

    @activity.defn(name="running")
    async def running(self) -> list[Running]:
        """All live versions, from the environments' workflows."""
        rows = await run_blocking(self.records.releases.all)
        runs = _runs(rows)
        found = []
        for name in sorted({row["environment"] for row in rows}):
            handle = activity.client().get_workflow_handle(keys.environment_id(name))
            state = Node(await handle.query("state", result_type=dict))
            activity.heartbeat(name)
            every = [list(lives) for _, lives in state.need("live").fields()]
            found += [_running(lives[-1], runs) for lives in every if lives]
        return found

    @activity.defn(name="rescan")
    async def rescan(self, what: Running) -> Rescanned:
        """`note` when there is nothing to do: no SBOM, no database, or an unchanged one."""
        try:
            before = await run_blocking(partial(self._before, what))
            if isinstance(before, str):
                return Rescanned(what.key, note=before)
            now = await self._look(what, before)
            return await run_blocking(partial(self._compared, what, before, now))
        except SluicewayError as broken:
            raise as_failure(broken) from broken

    def _before(self, what: Running, *, newer: bool = True) -> ScanReport | str:
        """The last report: of a rescan, or of the scan before the release; a text says why there is none.

        With `newer`, only if the database has changed since then.
        """
        known = self.records.definitions.get(KIND, what.key)
        digest = Node(known).need_text("report") if known else self._first(what)
        if not digest:
            return "no scan of it made an SBOM"
        report = serial.load(ScanReport, self.store.get(digest))
        if not _sbom(report):
            return "its scan made no SBOM"
        databases = self.scanner.digests().get("database", "")
        if not databases:
            return "there is no vulnerability database; build one with `sluiceway db build`"
        if newer and any(tool.digests.get("database") == databases for tool in report.tools):
            return "the database has not changed since the last check"
        return report

    def _first(self, what: Running) -> str:
        if what.image:
            digest = what.image.rpartition("sha256:")[2]
            try:
                statement = self.attestor.statement(attestation.SCAN, digest)
            except ValueError:
                return ""
            return _subjects(statement).get("object", "")
        rows = [row for row in self.records.runs.jobs(what.run) if row["kind"] == "scan"]
        results = [Node(json.loads(row["result"])) for row in rows]
        return next((one["report"].text() for one in results if one.at("artifacts", "sbom")), "")

    async def _look(self, what: Running, before: ScanReport) -> ScanReport:
        self.scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            (folder / "target").mkdir()
            target = folder / "target" / "sbom.json"
            target.write_bytes(self.store.get(_sbom(before)))
            scanning = Scanning({SCANNER: self.scanner})
            key = tree.mark(keys.job_key("rescan", what.key, 1), str(self.scratch))
            async with Heartbeat() as heartbeat:
                reports = await scanning.scan(
                    (SCANNER,),
                    Target(target.resolve(), source=False),
                    folder / "tools",
                    key,
                    LIMIT_S,
                    Lines(heartbeat.report),
                )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return merge_reports([replace(one, documents={"sbom": _sbom(before)}) for one in reports])

    def _compared(self, what: Running, before: ScanReport, now: ScanReport) -> Rescanned:
        """Current vulnerabilities, with all other findings of the last report."""
        (tool,) = now.tools
        if tool.state is not ScanState.COMPLETE:
            return Rescanned(what.key, note=f"{tool.tool} is {tool.state}: {tool.reason}")
        vulnerable = [one for one in before.findings if one.kind is FindingKind.VULNERABILITY]
        others = tuple(one for one in before.findings if one.kind is not FindingKind.VULNERABILITY)
        compared = compare_with_baseline(now, vulnerable, f"the last check of {what.key}", None)
        kept = replace(compared, merged=compared.merged + others, images=before.images)
        rule = self._rule_of(what.environment)
        found = rescan.alarm(what, compared.merged, rule)
        return Rescanned(what.key, found, self.store.put(serial.dump(kept)), "", len(compared.merged))

    @activity.defn(name="remember-rescan")
    async def remember(self, what: Running, done: Rescanned) -> None:
        """Signs images again, so that admission sees the date of the last scan."""
        await run_blocking(partial(self._remember, what, done))

    def _remember(self, what: Running, done: Rescanned) -> None:
        """Saves the report; an image counts as scanned now."""
        try:
            report = serial.load(ScanReport, self.store.get(done.report))
            if report.images:
                said: Manifest = {**self._before_by(what), **attestation.basis(report), "made_at": time.time()}
                envelope = self.attestor.attest(attestation.SCAN, {"object": done.report, **report.images}, said)
            else:
                envelope = ""
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        known = {"report": done.report, "sbom": _sbom(report), "envelope": envelope, "made_at": time.time()}
        self.records.definitions.save(KIND, what.key, json.dumps(known))

    @activity.defn(name="roll-back")
    async def roll_back(self, found: Alarm, id_: str) -> str:
        """Releases the previous version again, unless it is no better; returns a text. Idempotent by the id."""
        what = found.running
        handle = activity.client().get_workflow_handle(keys.environment_id(what.environment))
        state = Node(await handle.query("state", result_type=dict))
        lives = list(state.at("live", what.service))
        if len(lives) < 2 or lives[-1]["instance"].value != what.instance:
            return f"{what.key} is not rolled back: it has no previous version, or is no longer live"
        warm = state.at("warm", what.service, "deployment")
        versions = [(one.need_text("instance"), one.at("spec", "version").text()) for one in lives]
        chosen = previous_version(versions, warm["instance"].text())
        rows = await run_blocking(partial(self.records.releases.all))
        earlier = _running(next(one for one in (*lives, warm) if one["instance"].value == chosen), _runs(rows))
        try:
            why = await self._objection(earlier)
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        if why:
            return f"{what.key} is not rolled back: the previous version {earlier.version} {why}"
        release = await handle.execute_update("rollback", what.service, id=id_, result_type=str)
        return f"{release} rolls {what.key} back to {earlier.version}"

    def _rule_of(self, environment: str) -> WatchRule:
        return Environments(self.records.definitions).get(environment).watch

    async def _objection(self, what: Running) -> str:
        """Why a version must not be released again, by the current database; empty: it may."""
        report = await run_blocking(partial(self._before, what, newer=False))
        if isinstance(report, str):
            return f"cannot be judged: {report}"
        now = await self._look(what, report)
        if now.tools[0].state is not ScanState.COMPLETE:
            return f"cannot be judged: {now.tools[0].reason}"
        rule = await run_blocking(partial(self._rule_of, what.environment))
        bad = rescan.objection(now.findings, rule)
        return f"has {bad}" if bad else ""

    @activity.defn(name="block-image")
    async def block(self, found: Alarm) -> str:
        """Closes the image's gate; returns a text."""
        return await run_blocking(partial(self._block, found))

    def _block(self, found: Alarm) -> str:
        what = found.running
        if not what.image:
            return f"{what.service} is not an image, so nothing can be blocked"
        digest = what.image.rpartition("sha256:")[2]
        try:
            scan = self.attestor.statement(attestation.SCAN, digest)
        except ValueError as wrong:
            raise permanent("SLW833", f"{what.image} is not known here: {wrong}") from wrong
        images = {name: digest for name, digest in _subjects(scan).items() if name != "object"}
        said: Manifest = {**self._before_by(what), "passed": False, "reason": found.words()[:1000]}
        self.attestor.attest(attestation.GATE, images, {**said, "job": "rescan", "made_at": time.time()})
        return f"{what.image} is blocked"

    def _before_by(self, what: Running) -> Manifest:
        """The image's pipeline, job and origin, from its last scan."""
        try:
            before = Node(self.attestor.statement(attestation.SCAN, what.image.rpartition("sha256:")[2]))
        except ValueError:
            before = Node()
        whose = {name: before.at("predicate", name).text() for name in ("pipeline", "job", "commit", "run")}
        origin = before.at("predicate", "origin")
        return {**whose, **({"origin": dict(origin.object())} if origin else {}), "rescan": True}


def _subjects(statement: Object) -> dict[str, str]:
    """Name to SHA-256 of what a statement is about."""
    return {one.need_text("name"): one.need_text("digest", "sha256") for one in Node(statement).need_list("subject")}


def _runs(rows: Iterable[ReleaseRecord]) -> dict[tuple[str, str, str], str]:
    return {(row["environment"], row["service"], f"r{row['number']}"): row["run"] for row in rows}


def _running(live: Node, runs: Mapping[tuple[str, str, str], str]) -> Running:
    environment, service, instance = (live.need_text(word) for word in ("environment", "service", "instance"))
    return Running(
        environment=environment,
        service=service,
        instance=instance,
        version=live.at("spec", "version").text(),
        image=live.at("spec", "image").text(),
        run=runs.get((environment, service, instance), ""),
        commit=live.at("source", "commit").text(),
    )


def _sbom(report: ScanReport) -> str:
    return next((tool.documents["sbom"] for tool in report.tools if tool.documents.get("sbom")), "")
