"""OpenVEX 0.2.0 (github.com/openvex/spec): a statement for each vulnerability."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime

from domain.core.documents import Manifest
from domain.scans.findings.model import Finding, FindingKind, ScanReport, State
from domain.scans.findings.vex import CONTEXT


def write(report: ScanReport) -> str:
    """Suppressed ones are not_affected, with their reason; for the others, how to fix them."""
    found = [one for one in report.findings if one.kind is FindingKind.VULNERABILITY and one.rule and one.package]
    statements = [_statement(one) for one in found]
    digest = hashlib.sha256(json.dumps(statements, sort_keys=True).encode()).hexdigest()
    now = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "@context": f"{CONTEXT}/v0.2.0",
        "@id": f"https://openvex.dev/docs/public/vex-{digest}",
        "author": "sluiceway",
        "timestamp": now,
        "version": 1,
        "statements": statements,
    }
    return json.dumps(document, indent=1)


def _statement(one: Finding) -> Manifest:
    vulnerability: Manifest = {"name": one.rule}
    if one.aliases:
        vulnerability["aliases"] = list(one.aliases)
    told: Manifest = {"vulnerability": vulnerability, "products": [{"@id": one.package}]}
    if one.state is State.SUPPRESSED:
        return {**told, "status": "not_affected", "impact_statement": one.why or "suppressed"}
    if one.fixed_in:
        return {**told, "status": "affected", "action_statement": f"Update to {one.fixed_in}."}
    return {**told, "status": "under_investigation"}
