"""Ways that start in a function that only a test runner calls: nobody's request takes them.

That a file calls itself a test proves nothing. Here a function is named as test runners want it, it is named nowhere
else in its file, and no other Python file names its file: so no program of the project calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.scans.dataflow.dependencies import Summary
from domain.scans.findings.model import Finding

_FILE = re.compile(r"(?:^|/)(?:test_\w+|\w+_test)\.py$")
LIKELIHOOD = "low"


def rehearsed(
    findings: Iterable[Finding], summaries: Mapping[str, Summary], texts: Mapping[str, str]
) -> tuple[Finding, ...]:
    """The findings, less likely where their way starts, and ends, in such a function."""
    known: dict[tuple[str, int], bool] = {}

    def alone(path: str, line: int) -> bool:
        if (path, line) not in known:
            known[path, line] = _is_alone(path, line, summaries, texts)
        return known[path, line]

    return tuple(
        replace(one, likelihood=LIKELIHOOD)
        if one.trace and all(alone(step.path, step.line) for step in one.trace)
        else one
        for one in findings
    )


def _is_alone(path: str, line: int, summaries: Mapping[str, Summary], texts: Mapping[str, str]) -> bool:
    if not _FILE.search(path) or path not in summaries:
        return False
    spans = summaries[path].spans.items()
    names = [name for name, found in spans if any(first <= line <= last for first, last in found)]
    name = names[0].rpartition(".")[2] if len(names) == 1 else ""
    if not name.startswith("test_") or _count(name, texts[path]) != 1:
        return False
    stem = path.rpartition("/")[2].removesuffix(".py")
    return not any(stem in text and _count(stem, text) for other, text in texts.items() if other != path)


def _count(name: str, text: str) -> int:
    return len(re.findall(rf"\b{name}\b", text))
