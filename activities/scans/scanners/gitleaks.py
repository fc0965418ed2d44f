"""gitleaks: secrets in the whole history of a commit, including those that were removed later.

It reports how many commits it has read; git counts those that changed text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from activities.core import process
from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.running.sandbox import digest_of, environment, reports_of
from activities.scans.secret_hashing import Masked
from activities.source import git
from domain.core.documents import Node
from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.secrets.foreign_rules import without_paths

RULES = Path(__file__).parent / "secrets" / "rules" / "gitleaks.toml"
"""gitleaks' own, as our search for secrets has them; whatever version is installed."""
_LEAKS = 3
_READ = re.compile(rb"(\d+) commits scanned")
_GUESSES = {"generic-api-key"}
"""Rules that match by names and entropy only."""


class Gitleaks:
    """Source: github.com/gitleaks/gitleaks. Secrets are masked in its findings."""

    name = "gitleaks"
    canary = ("canary.py", 'aws = "AKIAQYLPMN5HHHFPZAM2"\n', "aws-access-token")
    of_history = True

    def __init__(self, tools: Path, masked: Masked | None = None) -> None:
        self._program, self._masked = tools / "gitleaks" / "bin" / "gitleaks", masked or Masked(b"")

    def absent(self) -> str:
        return "" if self._program.exists() else "gitleaks is not installed: sluiceway tools install gitleaks"

    def digests(self) -> Mapping[str, str]:
        return {"tool": digest_of([self._program]), "rules": digest_of([RULES])}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """With our rules and without the repository's ignore file and markers."""
        # our rules, an empty ignore file, no markers: a repository cannot disable it
        rules = scratch / "rules.toml"
        rules.write_text(without_paths(RULES.read_text("utf-8")), "utf-8")
        command = [
            *(str(self._program), "git", str(target), "--config", str(rules), "--gitleaks-ignore-path", "/dev/null"),
            *("--ignore-gitleaks-allow", "--no-banner", "--no-color", "--exit-code", str(_LEAKS)),
            *("--report-format", "json", "--report-path", str(scratch / "report.json"), "--log-opts", "HEAD"),
        ]
        env = {**environment(scratch), "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1"}
        del env["GIT_DIR"]  # the history is in a repository of ours
        return await process.run(command, cwd=scratch / "cwd", env=env, timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """A shallow clone or unread commits make it incomplete."""
        report = reports_of(scratch / "report.json")
        counted = _READ.search(completed.output)
        expected, scanned = git.commits_with_text(target), int(counted[1]) if counted else 0
        missing = ""
        if completed.exit_code not in (0, _LEAKS):
            missing = f"it exited with code {completed.exit_code}"
        elif (target / "shallow").exists():
            missing = "the clone is shallow: its history is incomplete (git fetch --unshallow)"
        version = (self._program.resolve().name.partition("-")[2] or "?").removeprefix("v")
        found = tuple(self._finding(one) for one in report)
        read = (scanned, expected)  # it names none of them
        return ScannerResult(version=version, findings=found, unit="commit", uncounted=read, missing=missing)

    def _finding(self, leak: Node) -> Finding:
        rule, since, date = leak.need_text("RuleID"), leak.need_text("Commit"), leak.need_text("Date")
        guess = rule in _GUESSES
        return Finding(
            tool="gitleaks",
            rule=rule,
            kind=FindingKind.SECRET,
            severity=Severity.MEDIUM if guess else Severity.HIGH,
            message=f"in the history since {since[:12]} ({date[:10]}): {leak.need_text('Description')}",
            path=leak.need_text("File"),
            line=leak.need_whole("StartLine"),
            end_line=leak.need_whole("EndLine"),
            cwe="CWE-798",
            confidence="low" if guess else "high",
            severity_source="sluiceway",
            secret=self._masked.of(leak.need_text("Secret")),
        )
