"""The table of what each tool did about each fault, from the lines that runs append."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path

from tests.bench.peers.faults import FAULTS


@dataclass(frozen=True)
class Outcome:
    """One release of one new version by one tool."""

    tool: str
    fault: str
    went_back: bool
    ended_s: float
    """From the change to the end: promoted, or all traffic on the old version again."""
    requests: int
    lost: int
    """No answer, or one that neither version gave: 502, 503, 504."""
    failed: int
    """500 answers of the new version."""

    @property
    def right(self) -> bool:
        """Whether a bad version went back, and another did not."""
        return self.went_back == FAULTS[self.fault].bad

    def line(self) -> str:
        """One JSON line."""
        return json.dumps(asdict(self))


def read(file: Path) -> list[Outcome]:
    """The outcomes so far; a line that was cut off is left out."""
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    return [Outcome(**json.loads(line)) for line in lines]


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Markdown: a row for each fault and tool, with medians and their range, and the interval of the share that is right."""
    found: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        found[one.fault, one.tool].append(one)
    yield "| new version | tool | right | 95 % interval | seconds, median (range) | failed requests | lost |"
    yield "|---|---|---|---|---|---|---|"
    for fault in FAULTS:
        for tool in sorted({tool for known, tool in found if known == fault}):
            every = found[fault, tool]
            right = sum(one.right for one in every)
            low, high = interval(right, len(every))
            failed, lost = sum(one.failed for one in every), sum(one.lost for one in every)
            requests = sum(one.requests for one in every)
            yield (
                f"| {fault} | {tool} | {right} of {len(every)} | {low:.0%} to {high:.0%} |"
                f" {_spread([one.ended_s for one in every])} | {failed / len(every):.1f} | {lost} of {requests:,} |"
            )


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's 95 % interval of a share (Biometrika 26, 1934): exact, and wide for few trials."""
    return _bound(hits - 1, trials, 0.975) if hits else 0.0, _bound(hits, trials, 0.025) if hits < trials else 1.0


def _bound(hits: int, trials: int, level: float) -> float:
    """The share at which at most `hits` of `trials` has the probability `level`, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        at_most = sum(comb(trials, k) * middle**k * (1 - middle) ** (trials - k) for k in range(hits + 1))
        low, high = (middle, high) if at_most > level else (low, middle)
    return low


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.0f} ({min(seconds):.0f} to {max(seconds):.0f})"
