"""semgrep with our own rules: no registry, network, telemetry, or ignore file of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from activities.core import process
from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.sandbox import digest_of, environment, names, relative, report_of, tool_digest, with_suffix
from domain.core.documents import Node
from domain.scans.findings.model import Finding, FindingKind, Severity

RULES = Path(__file__).parent / "rules" / "semgrep"
SUFFIXES = (".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".go")
"""Suffixes of files with rules."""
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
    """Source: semgrep.dev/docs/cli-reference. `missing`: our suffixes' files that are not in its `scanned`."""

    name = "semgrep"
    canary = ("canary.py", "def f(db, x):\n    db.execute(f'select {x}')\n", "python-sql-injection")

    def __init__(self, tools: Path) -> None:
        self._bin = tools / "semgrep" / "bin"

    def absent(self) -> str:
        return ""

    def digests(self) -> Mapping[str, str]:
        """The rules are our own files."""
        rules = digest_of(sorted(RULES.glob("*.yaml")))
        return {"tool": tool_digest(self._bin / "python", "semgrep"), "rules": rules}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Without `nosem`, ignore files and size limits: a repository cannot disable it."""
        env = environment(scratch)
        env["PATH"] = f"{self._bin}:{env['PATH']}"  # semgrep finds its helper programs by name
        command = [
            *(str(self._bin / "semgrep"), "scan", "--metrics=off", "--disable-version-check", "--oss-only", "-q"),
            *("--config", str(RULES), "--json", "-o", str(scratch / "report.json"), "-j", "1", "--no-git-ignore"),
            *("--x-ignore-semgrepignore-files", "--disable-nosem", "--max-target-bytes", "0"),
            # its default timeout, five seconds per rule and file, is exceeded on busy machines: the file is skipped
            *("--timeout", "120", "--timeout-threshold", "0", str(target)),
        ]
        return await process.run(command, cwd=scratch / "cwd", env=env, timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Compares the scanned paths with the existing files."""
        report = report_of(scratch / "report.json")
        looked = frozenset(relative(path.need_text(), target) for path in report.need_list("paths", "scanned"))
        found = tuple(_finding(issue, target) for issue in report.need_list("results"))
        return ScannerResult(
            version=report.need("version").text(),
            findings=found,
            looked=looked,
            expected=names(with_suffix(target, SUFFIXES), target),
            missing=_said(report.need_list("errors"), target),
        )


def _said(errors: list[Node], target: Path) -> str:
    if errors:  # warnings too: a partially parsed file was partially scanned
        where = relative(errors[0]["path"].text(), target)
        return f"{len(errors)} errors: {where}: {errors[0]['message'].text()[:300]}"
    return ""


def _finding(issue: Node, target: Path) -> Finding:
    extra = issue.need("extra")
    metadata = extra["metadata"]
    return Finding(
        tool="semgrep",
        rule=issue.need_text("check_id").rsplit(".", 1)[-1],  # semgrep puts the path of the rules in front
        kind=FindingKind.SAST,
        severity=_SEVERITY.get(extra.need_text("severity"), Severity.UNKNOWN),
        message=extra.need_text("message"),
        path=relative(issue.need_text("path"), target),
        line=issue.need_whole("start", "line"),
        end_line=issue.need_whole("end", "line"),
        cwe=metadata["cwe"].text().split(":")[0],
        confidence=metadata["confidence"].text(),
        severity_source="semgrep",
    )
