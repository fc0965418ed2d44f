"""`python -m tests.corpus.twins [--tools bandit,semgrep,dataflow] [open|held]`: recall and false positives on twins, by category.

A case is one file, or a package of a few, of `tests/corpus/twins/HALF/CATEGORY`. Its first line says `# real: CWE-89`, or
`# twin: CWE-89` for a safe one that looks like it. It is found when a finding of the category's family lies in its files.
`open` is what rules and analyses are developed against; `held` was written first, and only measured.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.scans.merge import merge_reports
from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.secret_hashing import Masked
from domain.scans.findings.model import Finding, Severity, ToolReport
from workers.core import settings

ROOT = Path(__file__).parent / "twins"
HALVES = ("open", "held")
FAMILIES = {
    "code-injection": (94, 95, 96, 78),  # 78: what bandit says of eval and exec
    "command-injection": (77, 78, 88),
    "deserialisation": (502,),
    "insecure-cookie": (614, 1004, 1275),
    "ldap-injection": (90,),
    "open-redirect": (601,),
    "path-traversal": (22, 23, 35, 36, 73),
    "sql-injection": (89, 564, 943),
    "trust-boundary": (501,),
    "weak-hash": (326, 327, 328, 916),
    "weak-random": (330, 331, 338),
    "xpath-injection": (91, 643),
    "xss": (79, 80, 83, 87, 116),
    "xxe": (611, 776, 827, 20),  # 20: what bandit says of XML
}
"""The CWE numbers that count as the same weakness."""
_LABEL = re.compile(r"# (real|twin): CWE-(\d+)$")
LIMIT_S = 600


@dataclass(frozen=True)
class Case:
    half: str
    category: str
    name: str
    real: bool
    cwe: int

    @property
    def place(self) -> str:
        return f"{self.category}/{self.name}"


@dataclass(frozen=True)
class Score:
    real: int
    twins: int
    found: int
    false: int

    @property
    def recall(self) -> float:
        return self.found / self.real if self.real else 0.0

    @property
    def false_positives(self) -> float:
        return self.false / self.twins if self.twins else 0.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false) if self.found + self.false else 0.0


def files(case: Case) -> list[Path]:
    place = ROOT / case.half / case.place
    return sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def cases(half: str) -> Iterator[Case]:
    """
    Raises:
        ValueError: a case without a label.
    """
    for category in FAMILIES:
        for place in sorted((ROOT / half / category).iterdir()):
            if place.name == "__pycache__":
                continue
            first = (place / "__init__.py" if place.is_dir() else place).read_text().partition("\n")[0]
            if not (label := _LABEL.match(first)):
                raise ValueError(f"{place} has no label")
            yield Case(half, category, place.stem, label[1] == "real", int(label[2]))


def hit(case: Case, findings: Iterable[Finding]) -> bool:
    """Whether a finding of the family lies in the case's files."""
    family = {f"CWE-{number}" for number in FAMILIES[case.category]}
    places = (f"{case.place}.py", f"{case.place}/")
    return any(one.cwe in family and one.path.startswith(places) for one in findings)


def score(chosen: Sequence[Case], findings: Sequence[Finding]) -> Score:
    found = [case for case in chosen if hit(case, findings)]
    real = sum(case.real for case in chosen)
    return Score(real, len(chosen) - real, sum(case.real for case in found), sum(not case.real for case in found))


async def scanned(half: str, tools: Sequence[str]) -> list[ToolReport]:
    """What the scanners say of one half."""
    with tempfile.TemporaryDirectory(prefix="sluiceway-twins-") as name:
        root = Path(name).resolve()
        shutil.copytree(ROOT / half, root / "target", ignore=shutil.ignore_patterns("__pycache__"))
        scanning = Scanning(scanners(settings.load().tools, masked=Masked(b"twins")))
        return await scanning.scan(tools, Target(root / "target"), root / "scratch", "twins", LIMIT_S)


def told(reports: Sequence[ToolReport], least: Severity) -> dict[str, list[Finding]]:
    """Findings of each tool as if it were alone, and of all `together`, merged and without what is refuted."""
    groups = {report.tool: [report] for report in reports} | {"together": list(reports)}
    return {
        name: [one for one in merge_reports(group).findings if one.severity.rank >= least.rank]
        for name, group in groups.items()
    }


def table(half: str, found: Mapping[str, Sequence[Finding]]) -> Iterator[str]:
    """Lines: for each tool and category recall, rate of false positives, precision."""
    every = list(cases(half))
    for tool, mine in found.items():
        for category in (*FAMILIES, "total"):
            one = score([case for case in every if category in (case.category, "total")], mine)
            yield (
                f"{half:5} {tool:9} {category:18} recall {one.recall:4.2f}  false positives {one.false_positives:4.2f}"
                f"  precision {one.precision:4.2f}  ({one.found} of {one.real}, {one.false} of {one.twins})"
            )


def wrong(half: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Cases that are missed, and twins that are reported."""
    for case in cases(half):
        if case.real and not hit(case, findings):
            yield f"missed {case.place}"
        if not case.real and hit(case, findings):
            rules = {one.rule for one in findings if hit(case, [one])}
            yield f"false {case.place}: {', '.join(sorted(rules))}"


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.twins")
    parser.add_argument("halves", nargs="*", default=list(HALVES), choices=HALVES)
    parser.add_argument("--tools", default="bandit,semgrep,dataflow", help="by comma")
    parser.add_argument("--least", default="unknown", choices=[one.value for one in Severity], help="lowest severity")
    parser.add_argument(
        "--wrong", action="store_true", help="list what is missed and what is falsely found (open only)"
    )
    asked = parser.parse_args()
    tools = tuple(asked.tools.split(","))
    for half in asked.halves:
        reports = await scanned(half, tools)
        for report in reports:
            print(f"{half:5} {report.tool}: {report.state}, {report.reason}, {report.seconds} s")
        found = told(reports, Severity(asked.least))
        print("\n".join(table(half, found)))
        if asked.wrong and half == "open":
            print("\n".join(wrong(half, found["together"])))


if __name__ == "__main__":
    asyncio.run(main())
