"""The evidence of one run in one file: plan, results, findings, decisions.

A gzipped tar whose `manifest.json` has the SHA-256 of every file. Reproducible for the same run.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import FOR_ALL, write_atomically
from activities.core.tar_reader import BLOCK, Kind, Source, members
from activities.evidence.records import Records
from activities.pipelines.plan_store import plan_jobs
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from domain.approvals.artifact import DECISIONS
from domain.approvals.scope import SUBJECT
from domain.core.documents import Node
from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import Json
from domain.jobs.record import JobRecord
from domain.releases.record import ReleaseRecord
from domain.runs.record import RunRecord
from domain.supply_chain import attestation
from domain.triggers.source import SourceRef

MANIFEST = "manifest.json"
MAX_BYTES = 4 << 30
MAX_MANIFEST_BYTES = 64_000_000
_REPORTS = {"approval": "decisions", "gate": "verdict", "scan": "findings", "test": "tests"}


@dataclass
class Bundle:
    """Archive path to content, and what could not be collected."""

    run: str
    files: dict[str, bytes] = field(default_factory=dict)
    missing: list[dict[str, str]] = field(default_factory=list)
    """Missing content: what, digest, why."""
    artifacts: list[dict[str, str]] = field(default_factory=list)
    """Artifacts by digest; their files only on request."""

    def manifest(self) -> bytes:
        """`manifest.json`, with sorted keys and paths: reproducible."""
        files = [
            {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for path, data in sorted(self.files.items())
        ]
        document = {"run": self.run, "files": files, "artifacts": self.artifacts, "missing": self.missing}
        return json.dumps(document, indent=1, sort_keys=True).encode()


@dataclass
class Bundler:
    """Reads records, store and mirrors; changes none of them."""

    records: Records
    store: Store
    mirrors: Mirrors
    public_key: bytes = b""
    """Verifies the signatures in the bundle."""

    def collect(self, run: str, *, artifacts: bool = False) -> Bundle:
        """Collects the evidence of a run.

        Raises:
            SluicewayError: unknown run, or the store is away.
        """
        row = self.records.runs.get(run)
        if row is None:
            raise SluicewayError("SLW911", f"there is no record of {run}", fix="sluiceway runs")
        made = Bundle(run)
        made.files["run.json"] = _row(row, event=row["event"], source=row["source"])
        self._definition(made, row)
        if row["plan"]:
            self._plan(made, row["plan"])
        if row["report"]:
            self._object(made, "report.html", row["report"])
        if self.public_key:
            made.files["signing.pub"] = self.public_key
        for job in self.records.runs.jobs(run):
            self._job(made, job, artifacts=artifacts)
        for release in self.records.releases.of_run(run):
            self._release(made, release)
        return made

    def _definition(self, made: Bundle, row: RunRecord) -> None:
        source, path = serial.load(SourceRef, row["source"]), row["path"]
        if not (source.repo and path):
            return
        try:
            data = git.read_file(self.mirrors.fetch(source.repo, source.commit), source.commit, path)
        except SluicewayError as broken:
            data = None
            made.missing.append({"what": "definition", "digest": source.commit, "why": broken.what})
        if data is not None:
            made.files["definition.yaml"] = data

    def _plan(self, made: Bundle, digest: str) -> None:
        try:
            jobs = plan_jobs(self.store, digest)
        except SluicewayError as gone:
            made.missing.append({"what": "plan", "digest": digest, "why": gone.what})
            return
        made.files["plan.json"] = _json([serial.dump_plain(job) for job in jobs])

    def _job(self, made: Bundle, row: JobRecord, *, artifacts: bool) -> None:
        result = Node(json.loads(row["result"]))
        folder = f"jobs/{row['job'].replace('/', '_')}/{row['attempt']}"
        made.files[f"{folder}/result.json"] = _row(row, result=row["result"])
        if log := result["log"].text():
            self._object(made, f"{folder}/log.jsonl", log)
        if report := result["report"].text():
            self._object(made, f"{folder}/{_REPORTS.get(row['kind'], 'report')}.json", report)
            for kind in (attestation.SCAN, attestation.GATE):
                if signed := self.records.attestations.get(report, kind):
                    self._object(made, f"{folder}/signature.dsse.json", signed)
        image = result.at("outputs", "digest").text().partition("sha256:")[2]
        if image and (signed := self.records.attestations.get(image, attestation.PROVENANCE)):
            self._object(made, f"{folder}/origin.dsse.json", signed)
        for name, kept in result["artifacts"].fields():
            digest = kept.need_text()
            if name == SUBJECT and row["kind"] in ("approval", "gate"):  # what was approved: of no job's making
                self._object(made, f"{folder}/{name}.json", digest)
                continue
            made.artifacts.append({"job": row["job"], "name": name, "digest": digest})
            if artifacts or name.startswith("sbom") or name in ("sarif", DECISIONS):
                suffix = "json" if row["kind"] in ("scan", "gate") else "tar"
                self._object(made, f"{folder}/{name}.{suffix}", digest)

    def _release(self, made: Bundle, row: ReleaseRecord) -> None:
        result = Node(json.loads(row["result"]))
        made.files[f"{row['id']}.json"] = _row(row, result=row["result"])
        if attacked := result["attacked"].text():
            self._object(made, f"{row['id']}.dast.json", attacked)
        if ticks := result["ticks"].text():
            self._object(made, f"{row['id']}.ticks.jsonl", ticks)

    def _object(self, made: Bundle, path: str, digest: str) -> None:
        try:
            made.files[path] = self.store.get(digest)
        except SluicewayError as gone:
            if gone.code not in ("SLW801", "SLW802"):
                raise
            made.missing.append({"what": path, "digest": digest, "why": gone.what})


def write(bundle: Bundle, target: Path) -> str:
    """Writes the bundle; returns its digest."""
    buffer = io.BytesIO()
    files = {MANIFEST: bundle.manifest(), **dict(sorted(bundle.files.items()))}
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    write_atomically(target, buffer.getvalue(), FOR_ALL)
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def check(file: Path) -> tuple[str, list[str]]:
    """The run of a bundle, and files that are missing, changed, or not in the manifest.

    Raises:
        DefinitionError: the file is not a bundle.
    """
    try:
        with gzip.open(file) as archive:
            found, manifest = _contents(archive)
        listed = {entry.need_text("path"): entry.need_text("sha256") for entry in manifest.need_list("files")}
        run = manifest.need("run").text()
    except (OSError, EOFError, zlib.error, KeyError, ValueError) as wrong:
        raise DefinitionError(
            "SLW505", "this is not an evidence bundle", where=str(file), why=str(wrong)[:200]
        ) from wrong
    return run, list(_wrong(found, listed))


def _wrong(found: dict[str, str], listed: dict[str, str]) -> Iterator[str]:
    for path, digest in listed.items():
        if path not in found:
            yield f"{path} is missing"
        elif found[path] != digest:
            yield f"{path} was changed"
    for path in found.keys() - listed.keys():
        yield f"{path} is not in the manifest"


def _contents(archive: Source) -> tuple[dict[str, str], Node]:
    """The digest of each file but the manifest, which is read."""
    found: dict[str, str] = {}
    manifest, left = b"", MAX_BYTES
    for member in members(archive):
        left -= member.size + BLOCK
        if member.kind is not Kind.FILE or left < 0 or (member.name == MANIFEST and member.size > MAX_MANIFEST_BYTES):
            raise ValueError(f"{member.name} is not a file, or too big")
        if member.name in found or (manifest and member.name == MANIFEST):
            raise ValueError(f"{member.name} comes twice")
        if member.name == MANIFEST:
            manifest = b"".join(member.chunks())
            continue
        digest = hashlib.sha256()
        for chunk in member.chunks():
            digest.update(chunk)
        found[member.name] = digest.hexdigest()
    if not manifest:
        raise KeyError(MANIFEST)
    return found, Node(json.loads(manifest))


def _row(row: RunRecord | JobRecord | ReleaseRecord, **inside: str) -> bytes:
    """A row as JSON; texts in it that are JSON themselves stand there as what they say."""
    return _json({**Node(serial.dump_plain(row)).object(), **{name: json.loads(text) for name, text in inside.items()}})


def _json(value: Json) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode()
