"""trivy over a source tree: secrets and misconfigurations; known vulnerabilities where a database is configured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from activities import process
from activities.process import Completed
from activities.scan import Found, ScannerFailed
from activities.scanners.environment import environment
from domain.findings.model import Finding, FindingKind, Severity

SECRET_RULES = Path(__file__).parent / "rules" / "trivy-secret.yaml"


class Trivy:
    name = "trivy"

    def __init__(self, tools: Path, database: Path | None = None) -> None:
        """`database` is a cache folder with `db/trivy.db` and `db/metadata.json`."""
        self._binary = tools / "trivy" / "bin" / "trivy"
        self._database = database

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        # every setting that a repository could bring along (trivy.yaml, .trivyignore, trivy-secret.yaml) is named here
        scanners = "secret,misconfig" + (",vuln" if self._database else "")
        command = [
            *(str(self._binary), "fs", "--cache-dir", str(self._database or scratch / "cache"), "--quiet"),
            *("--skip-db-update", "--skip-java-db-update", "--skip-check-update", "--offline-scan"),
            *("--skip-version-check", "--disable-telemetry", "--config=", "--secret-config", str(SECRET_RULES)),
            *("--ignorefile", "/dev/null", "--cache-backend", "memory", "--scanners", scanners, "--list-all-pkgs"),
            *("--format", "json", "-o", str(scratch / "report.json"), str(target)),
        ]
        return await process.run(command, cwd=scratch / "cwd", env=environment(scratch), timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> Found:
        if completed.exit_code:
            raise ScannerFailed(completed.output.decode("utf-8", "replace").strip()[-300:])
        report = json.loads((scratch / "report.json").read_bytes())
        if report["SchemaVersion"] != 2:
            raise ScannerFailed(f"schema version {report['SchemaVersion']}, and 2 is understood")
        files = [path for path in target.rglob("*") if path.is_file()]
        if not files:
            raise ScannerFailed("there was nothing to scan")
        found = tuple(finding for result in report.get("Results") or [] for finding in _findings(result))
        return Found(str(report["Trivy"]["Version"]), found, len(files))


def _findings(result: dict[str, Any]) -> Iterator[Finding]:
    path = result["Target"]
    for secret in result.get("Secrets") or []:
        yield Finding(
            tool="trivy",
            rule=secret["RuleID"],
            kind=FindingKind.SECRET,
            severity=_severity(secret),
            message=secret["Title"],
            path=path,
            line=secret["StartLine"],
            end_line=secret["EndLine"],
            cwe="CWE-798",
        )
    for wrong in result.get("Misconfigurations") or []:
        cause = wrong.get("CauseMetadata") or {}
        yield Finding(
            tool="trivy",
            rule=wrong["ID"],
            kind=FindingKind.MISCONFIGURATION,
            severity=_severity(wrong),
            message=f"{wrong['Title']}: {wrong['Message']}",
            path=path,
            line=cause.get("StartLine", 0),
            end_line=cause.get("EndLine", 0),
            url=wrong.get("PrimaryURL", ""),
        )
    for known in result.get("Vulnerabilities") or []:
        yield Finding(
            tool="trivy",
            rule=known["VulnerabilityID"],
            kind=FindingKind.VULNERABILITY,
            severity=_severity(known),
            message=known.get("Title") or f"{known['PkgName']} {known['InstalledVersion']}",
            path=path,
            package=known.get("PkgIdentifier", {}).get("PURL") or known["PkgName"],
            fixed_in=known.get("FixedVersion", ""),
            url=known.get("PrimaryURL", ""),
        )


def _severity(entry: dict[str, Any]) -> Severity:
    word = str(entry.get("Severity", "")).lower()
    return Severity(word) if word in set(Severity) else Severity.UNKNOWN
