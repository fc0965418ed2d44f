"""semgrep with our own rules: no registry, network, telemetry, or ignore file of the repository.

Its engine, `semgrep-core`, is started without the command in front of it: that takes seconds to start whatever it
scans, and chooses files by name and by ignore files. Here each file is named with the language that it is read as.
tests/contracts/scanners/test_semgrep_core.py compares both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from activities.core import process
from activities.core.port import Completed
from activities.scans.port import ScannerResult
from activities.scans.running.sandbox import environment, names, relative, report_of, tool_digest, with_suffix
from domain.core.documents import Node
from domain.scans.findings.model import Finding, FindingKind, Severity, Step

RULES = Path(__file__).parent / "rules" / "semgrep"
LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".go": "go",
}
"""Suffix of a file with rules to the language that semgrep reads it as."""
SUFFIXES = tuple(LANGUAGES)
TIMEOUT_S = 120
"""Per rule and file; semgrep's own five seconds are exceeded on busy machines, and the file is skipped then."""
MAX_STEP = 200
"""Limit of a step's text, in characters."""
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
    """Source: semgrep.dev/docs. `missing`: our suffixes' files that are not in its `scanned`."""

    name = "semgrep"
    canary = ("canary.py", "def f(db, x):\n    db.execute(f'select {x}')\n", "python-sql-injection")
    of_code = True

    def __init__(self, tools: Path, *, left_to_dataflow: bool = False) -> None:
        """`left_to_dataflow`: without the rules that follow a request's value within a function of Python."""
        self._tools, self._left = tools, left_to_dataflow
        self._bin = tools / "semgrep" / "bin"

    def absent(self) -> str:
        return ""

    def unit_of(self, path: str) -> str:
        return ""

    def beside(self, tools: Collection[str]) -> Semgrep:
        """`dataflow` follows the same values through the whole project, and sees where they are checked."""
        return Semgrep(self._tools, left_to_dataflow=True) if "dataflow" in tools else self

    def digests(self) -> Mapping[str, str]:
        """The rules are our own files."""
        rules = hashlib.sha256(_rules(self._left).encode()).hexdigest()
        return {"tool": tool_digest(self._bin / "python", "semgrep"), "rules": rules}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Without `nosem`, ignore files and size limits: a repository cannot disable it."""
        report = scratch / "report.json"
        (scratch / "rules.json").write_text(_rules(self._left))
        (scratch / "targets.json").write_text(_targets(with_suffix(target, SUFFIXES)))
        command = [
            *(str(self._core()), "-json_nodots", "-j", "1", "-fast", "-max_memory", "0"),
            *("-rules", str(scratch / "rules.json"), "-targets", str(scratch / "targets.json")),
            *("-timeout", str(TIMEOUT_S), "-timeout_threshold", "0"),
        ]
        env = environment(scratch)
        return await process.run(command, cwd=scratch / "cwd", env=env, timeout_s=timeout_s, key=key, stdout=report)

    def _core(self) -> Path:
        """The engine inside the package.

        Raises:
            FileNotFoundError: semgrep is not installed.
        """
        inside = "lib/python3*/site-packages/semgrep/bin/semgrep-core"
        for found in self._bin.parent.glob(inside):
            return found
        raise FileNotFoundError(2, "No such file or directory", str(self._bin.parent / inside))

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Compares the scanned paths with the existing files."""
        report = report_of(scratch / "report.json")
        looked = frozenset(relative(path.need_text(), target) for path in report.need_list("paths", "scanned"))
        found = {_finding(issue, target) for issue in report.need_list("results")}  # in no order, and some twice
        return ScannerResult(
            version=report.need("version").text(),
            findings=tuple(sorted(found, key=lambda one: (one.path, one.line, one.rule))),
            looked=looked,
            expected=names(with_suffix(target, SUFFIXES), target),
            problems=_problems(report.need_list("errors"), target),
        )


@lru_cache(maxsize=2)
def _rules(left_to_dataflow: bool = False) -> str:
    """The rules as one JSON file: the engine reads YAML too, but not its anchors."""
    rules = [rule for path in sorted(RULES.glob("*.yaml")) for rule in yaml.safe_load(path.read_text())["rules"]]
    if left_to_dataflow:
        rules = [rule for rule in rules if not _is_left(rule)]
    return json.dumps({"rules": rules})


def _is_left(rule: Mapping[str, object]) -> bool:
    """`dataflow` follows these values further, or sees what a flag's variable holds."""
    follows = rule.get("mode") == "taint" and rule["languages"] == ["python"]
    return follows or rule["id"] in ("python-cookie-without-protection", "python-weak-hash")


def _targets(paths: list[Path]) -> str:
    """Files with their languages, as the engine reads them (`targets` of semgrep_output_v1.atd)."""
    listed = [
        {
            "path": {"fpath": str(path), "ppath": f"/{path.name}"},
            "analyzer": LANGUAGES[path.suffix],
            "products": ["sast"],
        }
        for path in paths
    ]
    return json.dumps(["Targets", [["CodeTarget", one] for one in listed]])


def _problems(errors: list[Node], target: Path) -> dict[str, str]:
    """Warnings too: a partially parsed file was partially scanned."""
    return {relative(one.at("location", "path").text(), target): one["message"].text()[:300] for one in errors}


def _finding(issue: Node, target: Path) -> Finding:
    extra = issue.need("extra")
    metadata = extra["metadata"]
    path = relative(issue.need_text("path"), target)
    return Finding(
        tool="semgrep",
        rule=issue.need_text("check_id"),
        kind=FindingKind.SAST,
        severity=_SEVERITY.get(extra.need_text("severity"), Severity.UNKNOWN),
        message=extra.need_text("message"),
        path=path,
        line=issue.need_whole("start", "line"),
        end_line=issue.need_whole("end", "line"),
        cwe=metadata["cwe"].text().split(":")[0],
        confidence=metadata["confidence"].text(),
        likelihood=metadata["likelihood"].text(),
        impact=metadata["impact"].text(),
        severity_source="semgrep",
        trace=tuple(_trace(extra["dataflow_trace"], path)),
    )


def _trace(told: Node, path: str) -> Iterator[Step]:
    """From the source over variables to the sink; this engine follows no value out of its function."""
    if where := list(told["taint_source"])[1:]:
        yield _step(path, next(iter(where[0])), "comes from " + list(where[0])[1].text())
    for one in told["intermediate_vars"]:
        yield _step(path, one["location"], "is in " + one["content"].text())
    if where := list(told["taint_sink"])[1:]:
        yield _step(path, next(iter(where[0])), "gets into " + list(where[0])[1].text())


def _step(path: str, where: Node, text: str) -> Step:
    return Step(path, where.need_whole("start", "line"), text[:MAX_STEP])
