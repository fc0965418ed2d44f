"""bandit: static analysis of Python. Its exit code does not show completeness; `errors` and `metrics` do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from activities.core import process
from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.running.sandbox import (
    digest_of,
    environment,
    installed,
    names,
    relative,
    report_of,
    version,
    with_suffix,
)
from activities.scans.secret_hashing import Masked
from domain.core.documents import Node
from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.secrets import second_opinion

PROGRAM = Path(__file__).with_name("program.py")
_PASSWORDS = {"B105", "B106", "B107"}
_SEVERITY = {"HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM, "LOW": Severity.LOW}


class Bandit:
    """Source: bandit.readthedocs.io. `missing` compares the files in its metrics with the existing ones."""

    name = "bandit"
    canary = ("canary.py", "import os\n\n\ndef f(x):\n    os.system('ls ' + x)\n", "B605")
    of_code = True

    def __init__(self, tools: Path, masked: Masked | None = None) -> None:
        self._python, self._masked = tools / "bandit" / "bin" / "python", masked or Masked(b"")

    def absent(self) -> str:
        return ""

    def unit_of(self, path: str) -> str:
        return ""

    def digests(self) -> Mapping[str, str]:
        """Its rules are part of its package, and our program of how they are asked."""
        folder = installed(self._python, "bandit")
        return {"tool": digest_of([folder / "RECORD", PROGRAM]) if folder else ""}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """With an empty settings file and without `nosec`: a repository cannot disable it."""
        # our own ini: bandit would read the target's .bandit, and a repository could disable it;
        # nosec is ignored: markers are findings of their own, and policy decides
        ini = scratch / "empty.ini"
        ini.write_text("[bandit]\n")
        command = [
            *(str(self._python), "-I", str(PROGRAM), "-r", str(target), "-f", "json", "-q", "--exit-zero"),
            # instead of its own list of folders, which hides what a repository puts there; no path has two slashes
            *("--exclude", "//nothing//", "--ini", str(ini), "--ignore-nosec", "-o", str(scratch / "report.json")),
        ]
        return await process.run(command, cwd=scratch / "cwd", env=environment(scratch), timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Files with errors, or missing files, make it incomplete."""
        report = report_of(scratch / "report.json")
        looked = {relative(name, target) for name in report.need_object("metrics") if name != "_totals"}
        broken = report.need_list("errors")  # of these it has metrics all the same
        found = tuple(self._finding(issue, target) for issue in report.need_list("results"))
        return ScannerResult(
            version=version(self._python, "bandit"),
            findings=found,
            looked=frozenset(looked - {relative(one.need_text("filename"), target) for one in broken}),
            expected=names(with_suffix(target, (".py",)), target),
            problems={relative(one.need_text("filename"), target): one["reason"].text() for one in broken},
        )

    def _finding(self, issue: Node, target: Path) -> Finding:
        line = issue.need_whole("line_number")
        found = Finding(
            tool="bandit",
            rule=issue.need_text("test_id"),
            kind=FindingKind.SAST,
            severity=_SEVERITY.get(issue.need_text("issue_severity"), Severity.UNKNOWN),
            message=issue.need_text("issue_text"),
            path=relative(issue.need_text("filename"), target),
            line=line,
            end_line=max((one.need_whole() for one in issue.need("line_range")), default=line),
            cwe=f"CWE-{issue.need_whole('issue_cwe', 'id')}" if issue["issue_cwe"] else "",
            url=issue["more_info"].text(),
            confidence=issue["issue_confidence"].text().lower(),
            severity_source="bandit",
        )
        if found.rule not in _PASSWORDS:
            return found
        said, _, value = found.message.partition(": ")  # bandit prints the secret's value: mask it here
        bare = value.strip("'\"")
        severity = second_opinion.severity_of(bare.encode("utf-8", "surrogatepass"), found.path, found.severity)
        hashed = self._masked.of(bare)  # it is a guess, by the name: a secret only where a search for secrets finds it
        return replace(found, message=said, severity=severity, secret=hashed, code=hashed)
