"""Our own search for secrets: every byte of every file, and of what is packed in it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import re2

from activities import scans
from activities.core import process
from activities.core.port import Completed
from activities.scans.port import ScannerFailed, ScannerResult
from activities.scans.running.sandbox import environment, files, names, report_of
from activities.scans.scanners.secrets import rule_files
from activities.scans.secret_hashing import Masked
from domain.core.documents import Node
from domain.scans import secrets as domain_secrets
from domain.scans.findings.model import Finding, FindingKind, Severity

VERSION = "1"
MEMORY_MB = 2_000
MODULE = f"{__package__}.searching"


class Secrets:
    """Runs in a process of its own, since what it reads is a stranger's: with limits of memory and time."""

    name = "secrets"
    canary = ("canary.env", "DB_PASSWORD=f3a9c17b5d2e84061c7a\n", "assigned-password")

    def __init__(self, masked: Masked | None = None) -> None:
        self._masked = masked or Masked(b"")

    def absent(self) -> str:
        return ""

    def digests(self) -> Mapping[str, str]:
        """Of our code and of the rule files."""
        return {"tool": _code_digest(), "rules": _digest((rule_files.GITLEAKS, rule_files.OWN))}

    def unit_of(self, path: str) -> str:
        """Each file is judged on its own."""
        return ""

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """With nothing of the user's environment: `-I` reads neither variables nor the working directory."""
        command = [sys.executable, "-I", "-m", MODULE, str(target), str(scratch / "report.json")]
        return await process.run(
            command,
            cwd=scratch / "cwd",
            env=environment(scratch),
            timeout_s=timeout_s,
            key=key,
            memory_mb=MEMORY_MB,
        )

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """What could not be opened makes it incomplete.

        Raises:
            ScannerFailed: it has crashed.
        """
        if completed.exit_code:
            raise ScannerFailed(completed.output.decode("utf-8", "replace").strip()[-300:])
        report = report_of(scratch / "report.json")
        missed = {name.text(): why.text() for name, why in map(list, report.need_list("missed"))}
        return ScannerResult(
            version=VERSION,
            findings=tuple(self._finding(one) for one in report.need_list("hits")),
            looked=frozenset(one.need_text() for one in report.need_list("looked")),
            expected=names(files(target), target),
            problems=missed,
            missing=f"and {more:,} more files" if (more := report.need_whole("more")) else "",
        )

    def _finding(self, hit: Node) -> Finding:
        return Finding(
            tool=self.name,
            rule=hit.need_text("rule"),
            kind=FindingKind.SECRET,
            severity=Severity(hit.need_text("severity")),
            message=hit.need_text("message"),
            path=hit.need_text("path"),
            member=hit["member"].text(),
            line=hit.need_whole("line"),
            end_line=hit.need_whole("end_line"),
            cell=hit.need_whole("cell"),
            cwe="CWE-798",
            snippet=hit["excerpt"].text(),
            confidence=hit.need_text("confidence"),
            severity_source="sluiceway",
            secret=self._masked.of(hit.need_text("value")),
        )


@cache
def _code_digest() -> str:
    """What a result depends on: the search, the reading of archives and files, and the regular expressions."""
    here, domain = Path(__file__).parent, Path(domain_secrets.__file__).parent
    shared = [Path(scans.__file__).parent / name for name in ("view/archives.py", "running/sandbox.py")]
    kinds = [domain.parent / "files" / name for name in ("kinds.py", "languages.py")]
    return _digest([*sorted(here.glob("*.py")), *sorted(domain.glob("*.py")), *shared, *kinds, Path(re2.__file__)])


def _digest(paths: list[Path] | tuple[Path, ...]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
