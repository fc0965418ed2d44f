"""semgrep with our own rules: no registry, no network, no telemetry, and no ignore file of the repository's."""

from __future__ import annotations

import json
from pathlib import Path

from activities import process
from activities.process import Completed
from activities.scan import Found, ScannerFailed
from activities.scanners.environment import environment, python_files, relative
from domain.findings.model import Finding, FindingKind, Severity

RULES = Path(__file__).parent / "rules" / "semgrep.yaml"
_SEVERITY = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "ERROR": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "WARNING": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "INFO": Severity.INFO,
}


class Semgrep:
    name = "semgrep"

    def __init__(self, tools: Path) -> None:
        self._bin = tools / "semgrep" / "bin"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        env = environment(scratch)
        env["PATH"] = f"{self._bin}:{env['PATH']}"  # semgrep starts its own helpers by name
        command = [
            *(str(self._bin / "semgrep"), "scan", "--metrics=off", "--disable-version-check", "--oss-only", "-q"),
            *("--config", str(RULES), "--json", "-o", str(scratch / "report.json"), "-j", "1", "--no-git-ignore"),
            *("--x-ignore-semgrepignore-files", "--max-target-bytes", "0", str(target)),
        ]
        return await process.run(command, cwd=scratch / "cwd", env=env, timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> Found:
        report = json.loads((scratch / "report.json").read_bytes())
        serious = [error for error in report["errors"] if error.get("level") == "error"]
        if serious:
            raise ScannerFailed(f"{len(serious)} errors: {serious[0].get('message', '')[:300]}")
        scanned = {str(Path(path).resolve()) for path in report["paths"]["scanned"]}
        missed = [path for path in python_files(target) if str(path.resolve()) not in scanned]
        if missed:
            raise ScannerFailed(f"{len(missed)} Python files were not scanned, {missed[0].name} among them")
        found = tuple(self._finding(issue, target) for issue in report["results"])
        return Found(str(report["version"]), found, len(scanned))

    @staticmethod
    def _finding(issue: dict[str, object], target: Path) -> Finding:
        extra, start, end = issue["extra"], issue["start"], issue["end"]
        assert isinstance(extra, dict)
        assert isinstance(start, dict)
        assert isinstance(end, dict)
        metadata = extra.get("metadata", {})
        path = str(issue["path"])
        cwe = str(metadata.get("cwe", ""))
        return Finding(
            tool="semgrep",
            rule=str(issue["check_id"]).rsplit(".", 1)[-1],  # semgrep puts the path of the rules in front
            kind=FindingKind.SAST,
            severity=_SEVERITY.get(str(extra["severity"]), Severity.UNKNOWN),
            message=str(extra["message"]),
            path=relative(path, target),
            line=int(start["line"]),
            end_line=int(end["line"]),
            cwe=cwe.split(":")[0],
            snippet=_lines(Path(path), int(start["line"]), int(end["line"])),
        )


def _lines(path: Path, start: int, end: int) -> str:
    """semgrep's own `lines` say "requires login", so they are read from the file."""
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[start - 1 : min(end, start + 4)])[:500]
