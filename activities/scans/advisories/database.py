"""Builds trivy's database (schema 2) from advisories. docs/scanning.md explains its parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from activities.scans.advisories import bbolt as bolt
from activities.scans.advisories import exports
from activities.scans.advisories.cvss_vectors import base_score
from activities.scans.advisories.govulndb import GoIndex
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.scans import advisories
from domain.scans.advisories import Advisory, CvssVersion
from domain.scans.findings.model import Severity

NAME = "OSV"
_NUMBERS = {
    Severity.UNKNOWN: 0,
    Severity.INFO: 1,
    Severity.LOW: 1,
    Severity.MEDIUM: 2,
    Severity.HIGH: 3,
    Severity.CRITICAL: 4,
}
_CVSS_FIELDS = {CvssVersion.V2: "V2", CvssVersion.V3: "V3", CvssVersion.V4: "V40"}


@dataclass
class Made:
    """The built database and its size."""

    advisories: int = 0
    packages: int = 0
    skipped: list[str] = field(default_factory=list)
    """Malformed entries with the reason; at most a hundred."""
    digest: str = ""
    size_bytes: int = 0


def build(sources: Iterable[Path], folder: Path, updated_at: str) -> Made:
    """Writes `db/trivy.db` and `db/metadata.json` into trivy's cache folder; `updated_at` in RFC 3339.

    Raises:
        SluicewayError: SLW834, a source cannot be read; SLW835, there are no advisories in them.
    """
    made, tree, go = Made(), _Tree(), GoIndex(folder, updated_at)
    for source in sources:
        for where, entry in exports.entries(source):
            try:
                one = advisories.read(entry, base_score)
                if one is not None:
                    go.add(Node(entry))
            except (ValueError, TypeError, AttributeError) as wrong:
                made.skipped += [f"{where}: {wrong}"[:300]] if len(made.skipped) < 100 else []
                continue
            if one is not None:
                made.advisories += 1
                tree.add(one)
    if not made.advisories:
        why = made.skipped[0] if made.skipped else "no advisory affects a package of a supported ecosystem"
        raise SluicewayError("SLW835", "these files contain no usable advisory", why=why)
    made.packages = sum(len(packages) for packages in tree.packages.values())
    database = folder / "db" / "trivy.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    bolt.write(database, tree.buckets())
    go.write()
    metadata = {"Version": 2, "UpdatedAt": updated_at, "NextUpdate": "2099-01-01T00:00:00Z", "DownloadedAt": updated_at}
    (database.with_name("metadata.json")).write_text(json.dumps(metadata))
    made.size_bytes = database.stat().st_size
    made.digest = hashlib.sha256(database.read_bytes()).hexdigest()
    return made


_Entry = dict[str, list[str]]
"""What of a package a vulnerability affects, by trivy's names."""


@dataclass
class _Described:
    """What trivy tells of a vulnerability; of several sources."""

    severity: str = "UNKNOWN"
    texts: Manifest = field(default_factory=dict)
    """By trivy's names."""
    vendors: dict[str, int] = field(default_factory=dict)
    """Source to the number of its severity."""
    scores: Manifest = field(default_factory=dict)
    """Source to its CVSS vectors and scores."""

    def json(self) -> Manifest:
        """As trivy reads it."""
        found: Manifest = {"Severity": self.severity, **self.texts}
        if self.vendors:
            found["VendorSeverity"] = self.vendors
        if self.scores:
            found["CVSS"] = self.scores
        return found


@dataclass
class _Tree:
    packages: dict[str, dict[str, dict[str, _Entry]]] = field(default_factory=dict)
    """Ecosystem bucket to package to vulnerability to affected versions."""
    vulnerabilities: dict[str, _Described] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def add(self, one: Advisory) -> None:
        for affected in one.affected:
            bucket = f"{affected.ecosystem}::{NAME} {affected.ecosystem}"
            self.sources.setdefault(bucket, one.source)
            known = self.packages.setdefault(bucket, {}).setdefault(affected.package, {})
            entry = known.setdefault(one.id, {"VulnerableVersions": [], "PatchedVersions": [], "VendorIDs": []})
            for key, values in (
                ("VulnerableVersions", affected.vulnerable),
                ("PatchedVersions", affected.patched),
                ("VendorIDs", one.aliases),
            ):
                entry[key] += [value for value in values if value not in entry[key]]
        self._describe(one)

    def _describe(self, one: Advisory) -> None:
        """The first source with a value wins; of severities the worst."""
        known = self.vulnerabilities.setdefault(one.id, _Described())
        texts: Manifest = {
            "Title": one.title,
            "Description": one.text,
            "References": one.references,
            "PublishedDate": one.published,
            "LastModifiedDate": one.modified,
            "CweIDs": one.cwes,
        }
        for key, value in texts.items():
            if value:
                known.texts.setdefault(key, value)
        if one.severity is not Severity.UNKNOWN:
            known.vendors[one.source] = _NUMBERS[one.severity]
            known.severity = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")[max(known.vendors.values())]
        if one.scores:
            fields = [(_CVSS_FIELDS[score.version], score) for score in one.scores]
            known.scores[one.source] = {
                **{f"{name}Vector": score.vector for name, score in fields},
                **{f"{name}Score": score.score for name, score in fields},
            }

    def buckets(self) -> bolt.Tree:
        tree: dict[str, bolt.Tree] = {
            "data-source": {
                bucket: _json({"ID": source, "Name": bucket.partition("::")[2], "URL": "https://osv.dev"})
                for bucket, source in self.sources.items()
            },
            "vulnerability": {name: _json(value.json()) for name, value in self.vulnerabilities.items()},
        }
        for bucket, packages in self.packages.items():
            tree[bucket] = {
                package: {
                    id_: _json({key: value for key, value in entry.items() if value}) for id_, entry in known.items()
                }
                for package, known in packages.items()
            }
        return tree


def _json(value: Object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _without_empty(entry: _Entry) -> _Entry:
    return {key: value for key, value in entry.items() if value}


@dataclass(frozen=True)
class DatabaseInfo:
    """A database that is there. Its fields are what `db info --json` prints."""

    folder: str
    updated_at: str
    """When it was made, as it says itself; empty: it does not say."""
    sha256: str
    size_bytes: int


def info(folder: Path) -> DatabaseInfo:
    """The metadata of a database.

    Raises:
        SluicewayError: SLW836, there is no database.
    """
    database = folder / "db" / "trivy.db"
    try:
        metadata = Node(json.loads(database.with_name("metadata.json").read_bytes()))
        with database.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size_bytes = database.stat().st_size
    except (OSError, ValueError) as wrong:
        fix = "sluiceway db build --osv FILE…"
        raise SluicewayError(
            "SLW836", "there is no vulnerability database", where=str(folder), why=str(wrong), fix=fix
        ) from wrong
    return DatabaseInfo(str(folder), metadata["UpdatedAt"].text(), digest, size_bytes)
