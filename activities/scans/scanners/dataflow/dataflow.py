"""Our own analysis of Python across functions and files (domain/scans/dataflow), in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from activities.core import process
from activities.core.port import Completed
from activities.scans.port import EARLIER, STATE, ScannerResult
from activities.scans.running.sandbox import digest_of, environment, names, report_of, with_suffix
from domain.core.documents import Node
from domain.scans.dataflow.models.rules import NOT_FOLLOWED
from domain.scans.findings.model import Cleared, Finding, FindingKind, Severity, Step

PROGRAM = Path(__file__).with_name("program.py")
_HERE = Path(__file__).resolve().parents[4]
MEMORY_MB = 2_000


class Dataflow:
    """Files that do not parse or are too big are problems; a function that was not followed to its end is a finding."""

    name = "dataflow"
    canary = (
        "canary.py",
        "import os\nfrom flask import request\n\n\ndef f():\n    os.system('ls ' + request.args['x'])\n",
        "dataflow-command-injection",
    )
    of_code = True
    remembering = True

    def __init__(self, tools: Path) -> None:
        newest = tools / "bandit" / "bin" / "python"  # made with the newest Python there is, which parses the most
        self._python = newest if newest.exists() else Path(sys.executable)

    def absent(self) -> str:
        return ""

    def digests(self) -> Mapping[str, str]:
        """It is part of the engine: its own files."""
        return {"tool": digest_of([*sorted((_HERE / "domain/scans/dataflow").rglob("*.py")), PROGRAM, Path(__file__)])}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Without the user's site packages: it needs nothing but Python."""
        env = {**environment(scratch), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(self._python), "-S", "-E", str(PROGRAM), str(target), str(scratch / "report.json")]
        command += [str(scratch / EARLIER), str(scratch / STATE)]
        return await process.run(
            command, cwd=scratch / "cwd", env=env, timeout_s=timeout_s, key=key, memory_mb=MEMORY_MB
        )

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """The expected files are listed here, not by the process."""
        report = report_of(scratch / "report.json")
        return ScannerResult(
            version=report.need_text("version"),
            findings=(
                *map(_finding, report.need_list("findings")),
                *map(_not_followed, report.need_list("cut")),
            ),
            looked=frozenset(one.need_text() for one in report.need_list("looked")),
            expected=names(with_suffix(target, (".py",)), target),
            problems={one.need_text("path"): one.need_text("reason") for one in report.need_list("broken")},
            cleared=tuple(_cleared(one) for one in report.need_list("cleared")),
        )


def _not_followed(one: Node) -> Finding:
    """Somebody has to read what cannot be followed: it is known, owned and accepted like any weakness.

    High in files of every class where untrusted data had reached the function before it was left, else medium.
    """
    path, line, reached = one.need_text("path"), one.need_whole("line"), one.need_text("confidence") == "high"
    return Finding(
        tool="dataflow",
        rule=NOT_FOLLOWED,
        kind=FindingKind.SAST,
        severity=Severity.HIGH if reached else Severity.MEDIUM,
        message=f"Data flow is not followed to the end of {one.need_text('name')}: it is too complex",
        path=path,
        line=line,
        end_line=line,
        cwe="CWE-1120",
        confidence=one.need_text("confidence"),
        trace=(Step(path, line, "untrusted data is not followed from here on"),) if reached else (),
        severity_source="dataflow",
    )


def _cleared(one: Node) -> Cleared:
    lines = tuple(line.need_whole() for line in one.need_list("lines"))
    return Cleared(path=one.need_text("path"), cwe=one.need_text("cwe"), lines=lines)


def _finding(one: Node) -> Finding:
    steps = one.need_list("trace")
    return Finding(
        tool="dataflow",
        rule=one.need_text("rule"),
        kind=FindingKind.SAST,
        severity=Severity(one.need_text("severity")),
        message=one.need_text("message"),
        path=one.need_text("path"),
        line=one.need_whole("line"),
        end_line=one.need_whole("end_line"),
        cwe=one.need_text("cwe"),
        confidence=one.need_text("confidence"),
        likelihood=one.need_text("likelihood"),
        impact=one.need_text("impact"),
        trace=tuple(Step(s.need_text("path"), s.need_whole("line"), s.need_text("text")) for s in steps),
        severity_source="dataflow",
    )
