"""Reports scanner-suppressing comments as findings, so that policy decides about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.running.sandbox import digest_of, files, names
from domain.scans import markers
from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.markers import marked


class Markers:
    """Runs in this process: there is no tool to start."""

    name = "markers"
    canary = ("canary.py", "x = 1  # nosec\n", "nosec")
    of_code = True

    def absent(self) -> str:
        return ""

    def unit_of(self, path: str) -> str:
        return ""

    def digests(self) -> Mapping[str, str]:
        return {"tool": digest_of([Path(__file__), Path(markers.__file__)])}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        return Completed(0, b"")

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Every file of the view: texts and code, also those of notebooks, templates and archives."""
        every = list(files(target))
        found = [one for path in every for one in _marked(path, path.relative_to(target).as_posix())]
        read = names(every, target)
        return ScannerResult(version="2", findings=tuple(found), looked=read, expected=read)


def _marked(path: Path, name: str) -> Iterator[Finding]:
    for line, rule in marked(path.read_bytes(), name):
        yield Finding(
            tool="markers",
            rule=rule,
            kind=FindingKind.SUPPRESSION,
            severity=Severity.LOW,
            message=f"a comment suppresses a scanner's findings ({rule})",
            path=name,
            line=line,
            code=rule if rule in markers.OF_SECRETS else "",  # beside it stands the secret
        )
