"""Signed statements about artifacts, by digest, in formats that other tools verify.

A statement is in-toto's (github.com/in-toto/attestation, Statement v1); what is signed is its pre-authentication
encoding by DSSE (github.com/secure-systems-lab/dsse, protocol v1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json
from domain.scans.findings.model import ScanReport
from domain.supply_chain.origin import Origin

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"
SCAN = "https://sluiceway.dev/scan/v1"
GATE = "https://sluiceway.dev/gate/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
KINDS = (SCAN, GATE, PROVENANCE)
BUILD = "https://sluiceway.dev/build/v1"


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: type and payload with their lengths, so that neither can be shifted."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def statement(kind: str, subjects: Mapping[str, str], predicate: Object) -> Manifest:
    """An in-toto statement; `subjects`: names to hexadecimal SHA-256 digests."""
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
        "predicateType": kind,
        "predicate": dict(predicate),
    }


@dataclass(frozen=True, kw_only=True)
class Built:
    """A build as observed by the engine; the build itself supplies nothing."""

    builder: str
    """The installation's key id."""
    run: str
    job: str
    attempt: int
    repo: str
    commit: str
    started_at: float
    """Seconds since the epoch."""
    ended_at: float
    definition: Object
    """The job as planned."""
    origin: Origin = Origin()


def provenance(built: Built) -> Manifest:
    """SLSA Provenance v1 (slsa.dev/spec/v1.0/provenance)."""
    uri = f"git+{built.repo}"
    source: Manifest = {"uri": uri, "digest": {"gitCommit": built.commit}}
    return {
        "buildDefinition": {
            "buildType": BUILD,
            "externalParameters": {"source": uri, "commit": built.commit, "job": built.job},
            "internalParameters": {"job": dict(built.definition), "origin": built.origin.manifest()},
            "resolvedDependencies": [source] if built.commit else [],
        },
        "runDetails": {
            "builder": {"id": f"https://sluiceway.dev/installation/{built.builder}"},
            "metadata": {
                "invocationId": f"{built.run}/{built.job}/{built.attempt}",
                "startedOn": _moment(built.started_at),
                "finishedOn": _moment(built.ended_at),
            },
        },
    }


def basis(report: ScanReport) -> Manifest:
    """The inputs of a scan as JSON: tools, versions, database dates; of the findings only their number."""
    tools: list[Manifest] = [
        {
            "tool": tool.tool,
            "version": tool.version,
            "status": tool.state.value,
            "digests": tool.digests,
            "database_date": tool.database_date,
        }
        for tool in report.tools
    ]
    return {"tools": tools, "findings": len(report.findings)}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def complaint(found: Json, kind: str, digest: str, expected: Mapping[str, str]) -> str:
    """Why a statement does not match the expected type, digest and values; empty: it does."""
    said = Node(found)
    if said["_type"].value != STATEMENT:
        return "unsupported statement type"
    if said["predicateType"].value != kind:
        return f"it is about something else: {said['predicateType'].value}"
    if digest not in [one.at("digest", "sha256").value for one in said["subject"]]:
        return f"it is not about {digest[:12]}"
    predicate = said["predicate"].value
    if not isinstance(predicate, Mapping):
        return "it has no predicate"
    for name, value in expected.items():
        if predicate.get(name) != value:
            return f"its {name} is {predicate.get(name)!r}, expected {value!r}"
    return ""
