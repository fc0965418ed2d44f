"""In which order the scanners of a scan start: the longest first, so that none runs alone at the end.

Whenever a core is free the longest scanner that is left starts on it. That ends at most a third later than the best
order of all (R. L. Graham, Bounds on multiprocessing timing anomalies, 1969).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from domain.scans.files.model import Entry, FileKind

ALL = ""
"""In place of a language: of all files."""
_SECONDS_PER_MB: dict[str, dict[str, float]] = {
    "dataflow": {"python": 2.6},
    "bandit": {"python": 1.0},
    "semgrep": {"python": 0.8, "javascript": 0.8, "typescript": 0.8, "go": 0.4},
    "trivy": {ALL: 0.2},
    "secrets": {ALL: 0.15},
    "markers": {ALL: 0.03},
    "gitleaks": {ALL: 2.0},
    "govulncheck": {"go": 5.0},
}
"""Scanner and language to seconds for a megabyte; `python -m tests.bench large_scans` prints what each takes."""
_PIECES = {FileKind.NOTEBOOK: "python", FileKind.TEMPLATE: "javascript"}
"""What most of the code in a file of another kind is."""


def sizes(entries: Iterable[Entry]) -> dict[str, int]:
    """Bytes by language, with those of all files as ALL."""
    total: Counter[str] = Counter()
    for one in entries:
        total[ALL] += one.size
        if language := _PIECES.get(one.kind, one.language):
            total[language] += one.size
    return dict(total)


def longest_first(tools: Sequence[str], bytes_of: Mapping[str, int]) -> list[str]:
    """The scanners in the order in which they start; of equal ones, in the given order.

    `bytes_of`: as `sizes`. A scanner that nobody has measured is expected to take longest.
    """
    return sorted(tools, key=lambda tool: -_expected_s(tool, bytes_of))


def _expected_s(tool: str, bytes_of: Mapping[str, int]) -> float:
    rates = _SECONDS_PER_MB.get(tool)
    if rates is None:
        return float("inf")
    return sum(rate * bytes_of.get(language, 0) / 1e6 for language, rate in rates.items())
