"""Reports scanner-suppressing comments as findings, so that policy decides about them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.sandbox import files
from domain.scans.findings.model import Finding, FindingKind, Severity

MAX_BYTES = 5_000_000
"""Limit of a scanned file; bigger files are data."""
_MARKERS = {
    "nosec": re.compile(rb"#\s*nosec\b"),
    "nosemgrep": re.compile(rb"(#|//|/\*|<!--)\s*nosem(grep)?\b"),
    "trivy:ignore": re.compile(rb"(#|//|/\*|<!--)\s*trivy:ignore:"),
    "gitleaks:allow": re.compile(rb"gitleaks:allow"),
}


class Markers:
    """Runs in this process: there is no tool to start."""

    name = "markers"
    canary = ("canary.py", "x = 1  # nosec\n", "nosec")
    of_code = True

    def absent(self) -> str:
        return ""

    def digests(self) -> Mapping[str, str]:
        return {"tool": hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        return Completed(0, b"")

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        looked, found = set(), []
        for path in files(target):
            if path.stat().st_size <= MAX_BYTES:
                name = path.relative_to(target).as_posix()
                looked.add(name)
                found += list(_marked(path, name))
        return ScannerResult(version="1", findings=tuple(found), looked=frozenset(looked), expected=frozenset(looked))


def _marked(path: Path, name: str) -> Iterator[Finding]:
    data = path.read_bytes()
    for rule, wanted in _MARKERS.items():
        if not wanted.search(data):
            continue
        for number, line in enumerate(data.splitlines(), 1):
            if wanted.search(line):
                why = f"a comment suppresses a scanner's findings ({rule})"
                yield Finding(
                    tool="markers",
                    rule=rule,
                    kind=FindingKind.SUPPRESSION,
                    severity=Severity.LOW,
                    message=why,
                    path=name,
                    line=number,
                )
