"""Garbage collection: deletes unreferenced objects from the store and old job folders from the worker.

Marks twice: the second pass sees runs that began meanwhile; objects being stored are protected by their age.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from activities.access.checkpoint_archive import is_checkpoint, may_be_checkpoint
from activities.core import serialization as serial
from activities.core.files import remove_tree
from activities.evidence.records import Records
from activities.storage.port import CORRUPT, MISSING, Store, Stored
from domain.approvals.artifact import DECISIONS
from domain.approvals.scope import SUBJECT
from domain.core import ids as keys
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.evidence import retention
from domain.evidence.retention import DAY_S, Keep, Reference, Retention
from domain.jobs.record import JobRecord
from domain.scans.findings.model import ScanReport
from domain.supply_chain import attestation

KEEP_LIVE = 10
"""Number of releases per service and environment that can be rolled back to, as the environment remembers."""
FOLDER_S = 7 * DAY_S
"""How long an ended job's folder stays on the worker; its log is in the store by then."""


@dataclass
class Collected:
    """What a collection kept and deleted; sizes in bytes. `folders`: deleted job folders."""

    kept: dict[str, int] = field(default_factory=dict)
    """Retention class to number of objects."""
    kept_bytes: int = 0
    young: int = 0
    """Unreferenced objects within the grace period."""
    removed: int = 0
    removed_bytes: int = 0
    folders: int = 0


@dataclass
class Collector:
    """`jobs`: the worker's job folders. Nothing younger than `grace_s` seconds is deleted."""

    records: Records
    store: Store
    jobs: Path
    policy: Retention = Retention()
    grace_s: float = retention.GRACE_S

    def run(self, *, dry: bool = False) -> Collected:
        """Runs a collection.

        Raises:
            SluicewayError: the store is away; nothing is deleted then.
        """
        done, now = Collected(), time.time()
        kept = self._kept(now)
        found = []
        for one in self.store.objects():
            if one.digest in kept:
                done.kept[kept[one.digest]] = done.kept.get(kept[one.digest], 0) + 1
                done.kept_bytes += one.size_bytes
            elif retention.collectable(one.written_at, one.digest, kept, now, self.grace_s):
                found.append(one)
            else:
                done.young += 1
        again = self._kept(now) if found else {}
        for one in found:
            if self._is_checkpoint(one):
                done.young += 1
            elif one.digest not in again and (dry or self.store.delete(one.digest, now - self.grace_s)):
                done.removed += 1
                done.removed_bytes += one.size_bytes
        done.folders = self._folders(now, dry=dry)
        return done

    def _is_checkpoint(self, one: Stored) -> bool:
        """Of the audit, and not in the records: it is kept all the same, because it is a witness against them."""
        return may_be_checkpoint(one) and is_checkpoint(self._read(one.digest) or b"")

    def _kept(self, now: float) -> dict[str, Keep]:
        return retention.referenced(self.references(), self.policy, now)

    def references(self) -> Iterator[Reference]:
        """Every digest in the records with its retention class and the end of its run; 0: still running."""
        live = self._live()
        for row in self.records.runs.all():
            ended = 0.0 if row["ended_at"] is None else row["ended_at"]
            if row["plan"]:
                yield from self._plan(row["plan"], ended)
            if row["report"]:
                yield Reference(row["report"], Keep.EVIDENCE, ended)
            for job in self.records.runs.jobs(row["id"]):
                yield from self._job(job, ended, live=row["id"] in live)
        for release in self.records.releases.all():
            result = json.loads(release["result"])
            for digest in filter(None, (result.get("ticks"), result.get("attacked"))):
                yield Reference(digest, Keep.EVIDENCE, release["ended_at"] or 0.0)
        for entry in self.records.caches.entries():
            yield Reference(entry.digest, Keep.CACHES)
        for digest in self.records.audit.stored():
            yield Reference(digest, Keep.EVIDENCE)
        for digest, ended in self.records.audit.recordings():
            yield Reference(digest, Keep.LOGS, ended)
        for digest, ended in self.records.requests.documents():
            yield Reference(digest, Keep.EVIDENCE, ended)
        yield from self._default_branches()
        yield from self._rescans()

    def _default_branches(self) -> Iterator[Reference]:
        """What scans are compared with, and the signatures that make people's baselines count."""
        for baseline in self.records.baselines.all():
            yield Reference(baseline["report"], Keep.EVIDENCE)
        for scan in self.records.branch_scans.newest():
            yield Reference(scan["report"], Keep.EVIDENCE)
            yield from self._scan_signature(scan["report"])
        for signed in self.records.signed_baselines.all():
            yield Reference(signed["report"], Keep.EVIDENCE)
            yield from self._scan_signature(signed["report"])

    def _scan_signature(self, report: str) -> Iterator[Reference]:
        if envelope := self.records.attestations.get(report, attestation.SCAN):
            yield Reference(envelope, Keep.EVIDENCE)

    def _rescans(self) -> Iterator[Reference]:
        """Rescan results of live and earlier versions, image provenance, gate verdicts."""
        for name in self.records.definitions.names("Rescan"):
            known = Node(self.records.definitions.get("Rescan", name))
            for word in ("report", "sbom", "envelope"):
                if digest := known[word].text():
                    yield Reference(digest, Keep.EVIDENCE)
        for row in self.records.attestations.all():
            if row.kind in (attestation.PROVENANCE, attestation.GATE):
                yield Reference(row.digest, Keep.EVIDENCE)

    def _live(self) -> set[str]:
        """Runs whose artifacts a rollback may need."""
        newest: dict[tuple[str, str], list[str]] = {}
        for row in self.records.releases.all():
            if row["run"].startswith("run/") and json.loads(row["result"]).get("verdict") in (None, "live"):
                newest.setdefault((row["service"], row["environment"]), []).append(row["run"])
        return {run for runs in newest.values() for run in runs[-KEEP_LIVE:]}

    def _plan(self, digest: str, ended: float) -> Iterator[Reference]:
        yield Reference(digest, Keep.EVIDENCE, ended)
        for page in json.loads(self._read(digest) or b"{}").get("pages", []):
            yield Reference(page, Keep.EVIDENCE, ended)

    def _job(self, row: JobRecord, ended: float, *, live: bool) -> Iterator[Reference]:
        result = json.loads(row["result"])
        if result.get("log"):
            yield Reference(result["log"], Keep.LOGS, ended)
        if result.get("report"):
            yield Reference(result["report"], Keep.EVIDENCE, ended)
            for kind in (attestation.SCAN, attestation.GATE):
                if signed := self.records.attestations.get(result["report"], kind):
                    yield Reference(signed, Keep.EVIDENCE, ended)
            if row["kind"] == "scan" and (data := self._read(result["report"])):
                for tool in serial.load(ScanReport, data).tools:
                    yield Reference(tool.output, Keep.LOGS, ended)
        for name, digest in result.get("artifacts", {}).items():
            yield Reference(
                digest,
                Keep.EVIDENCE
                if row["kind"] in ("approval", "gate") and name in (DECISIONS, SUBJECT)
                else Keep.ARTIFACTS,
                0.0 if live else ended,
            )

    def _read(self, digest: str) -> bytes | None:
        """None: missing or forged, so its own references are too. A store that is away stops the collection."""
        try:
            return self.store.get(digest)
        except SluicewayError as broken:
            if broken.code in (MISSING, CORRUPT):
                return None
            raise

    def _folders(self, now: float, *, dry: bool) -> int:
        removed = 0
        for row in self.records.runs.ended_jobs():
            folder = self.jobs / keys.job_key(row["run"], row["job"], row["attempt"])
            if row["ended_at"] and now - row["ended_at"] > FOLDER_S and folder.exists() and row["has_log"]:
                removed += 1
                if not dry:
                    remove_tree(folder)
        return removed
