"""bandit: static analysis of Python. Its exit code says nothing about completeness; `errors` and `metrics` do."""

from __future__ import annotations

import json
from pathlib import Path

from activities import process
from activities.process import Completed
from activities.scan import Found, ScannerFailed
from activities.scanners.environment import environment, python_files, relative
from domain.findings.model import Finding, FindingKind, Severity

_SEVERITY = {"HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM, "LOW": Severity.LOW}


class Bandit:
    name = "bandit"

    def __init__(self, tools: Path) -> None:
        self._python = tools / "bandit" / "bin" / "python"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        # an ini of ours, since bandit reads .bandit from the target and a repository could switch it off
        ini = scratch / "empty.ini"
        ini.write_text("[bandit]\n")
        command = [
            *(str(self._python), "-m", "bandit", "-r", str(target), "-f", "json", "-q", "--exit-zero"),
            *("--ini", str(ini), "-o", str(scratch / "report.json")),
        ]
        return await process.run(command, cwd=scratch / "cwd", env=environment(scratch), timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> Found:
        report = json.loads((scratch / "report.json").read_bytes())
        if report["errors"]:
            first = report["errors"][0]
            raise ScannerFailed(
                f"{len(report['errors'])} files were not scanned: {first['filename']}: {first['reason']}"
            )
        scanned = len([name for name in report["metrics"] if name != "_totals"])
        expected = len(python_files(target))
        if scanned < expected:
            raise ScannerFailed(f"{scanned} of {expected} Python files were scanned")
        found = tuple(
            Finding(
                tool="bandit",
                rule=issue["test_id"],
                kind=FindingKind.SAST,
                severity=_SEVERITY.get(issue["issue_severity"], Severity.UNKNOWN),
                message=issue["issue_text"],
                path=relative(issue["filename"], target),
                line=int(issue["line_number"]),
                end_line=max(issue["line_range"] or [issue["line_number"]]),
                cwe=f"CWE-{issue['issue_cwe']['id']}" if issue.get("issue_cwe") else "",
                snippet=issue["code"][:500],
                url=issue.get("more_info", ""),
            )
            for issue in report["results"]
        )
        return Found(_version(self._python), found, scanned)


def _version(python: Path) -> str:
    for folder in (python.parent.parent / "lib").glob("python3*/site-packages/bandit-*.dist-info"):
        return folder.name.removeprefix("bandit-").removesuffix(".dist-info")
    return ""
