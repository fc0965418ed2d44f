"""wapiti: DAST of a running service. Source: wapiti-scanner.github.io.

It uses the router as its proxy: addresses below `localhost` need no DNS, and only what the router knows is reachable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from activities.core import process
from activities.core.port import Completed
from activities.scans.dast import MODULES
from activities.scans.port import ScannerFailed, ScannerResult
from activities.scans.running.sandbox import environment, report_of, tool_digest
from domain.core.documents import Node
from domain.scans.findings.model import Finding, FindingKind, Severity

_LEVELS = (Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_CWE = re.compile(r"CWE-\d+")
_WORD = re.compile(r"[a-z0-9]+")
_ALIKE = re.compile(rb"looks like a soft 404")
_SEEN = re.compile(rb"^\[\+\] (?:GET|POST|PUT|DELETE|PATCH|HEAD) http", re.M)


class Wapiti:
    """Modules are wapiti's names; by default those in MODULES."""

    name = "wapiti"

    def __init__(self, tools: Path) -> None:
        self._python = tools / "wapiti" / "bin" / "python"

    def absent(self) -> str:
        return "" if self._python.exists() else "wapiti is not installed: sluiceway tools install wapiti"

    def digest(self) -> str:
        return tool_digest(self._python, "wapiti3")

    async def run(self, address: str, modules: Sequence[str], scratch: Path, key: str, timeout_s: float) -> Completed:
        """With a network; pages outside the address's folder are not visited."""
        port = urlsplit(address).port or 80
        command = [
            *(str(self._python.parent / "wapiti"), "-u", f"{address.rstrip('/')}/", "--scope", "folder"),
            *("-p", f"http://127.0.0.1:{port}", "-m", ",".join(modules or MODULES), "-v", "2", "--no-bugreport"),
            *("--store-session", str(scratch / "session"), "--store-config", str(scratch / "home")),
            *("-f", "json", "-o", str(scratch / "report.json")),
        ]
        where = scratch / "cwd"
        return await process.run(
            command, cwd=where, env=environment(scratch), timeout_s=timeout_s, key=key, network=True
        )

    def parse(self, address: str, scratch: Path, completed: Completed) -> ScannerResult:
        """Parses the report.

        Raises:
            ScannerFailed: the report is missing.
        """
        report = report_of(scratch / "report.json")
        classes = report.need("classifications")
        found = tuple(
            _finding(name, one, classes[name])
            for kind in ("vulnerabilities", "anomalies")
            for name, ones in report.need_object(kind).items()
            for one in Node(ones).need_list()
        )
        pages, alike = report.need_whole("infos", "crawled_pages_nbr"), len(_ALIKE.findall(completed.output))
        if not _SEEN.search(completed.output):
            raise ScannerFailed(f"no page of {address} responded")
        missing = ""
        if completed.exit_code:
            missing = f"it exited with code {completed.exit_code}"
        elif alike and pages <= 1:
            missing = f"{alike} respond like a missing page, and were not tested: respond 404 for missing pages"
        version = report.need_text("infos", "version").removeprefix("Wapiti ")
        return ScannerResult(version=version, findings=found, unit="page", uncounted=(pages, pages), missing=missing)


def _finding(name: str, one: Node, known: Node) -> Finding:
    references = known["ref"]
    cwe = next((match[0] for title, _ in references.fields() if (match := _CWE.search(title))), "")
    level, path = one.need_whole("level"), one.need_text("path")
    return Finding(
        tool="wapiti",
        rule="-".join(_WORD.findall(name.lower())),
        kind=FindingKind.DAST,
        severity=_LEVELS[level] if 0 <= level < len(_LEVELS) else Severity.UNKNOWN,
        message=f"{one.need_text('method')} {path}: {one.need_text('info')}",
        path=path.partition("?")[0],
        cwe=cwe,
        resource=one.need("parameter").text(),
        references=tuple(link.text() for _, link in references.fields())[:10],
        severity_source="wapiti",
    )
