"""What was measured, a line each, and the table of it."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """One pipeline. Seconds by the clock and of processors (the tool's and the cluster's); `load`: of the machine before
    it, over the last minute: above 1 a figure by the clock is none.
    """

    tool: str
    pods: int
    clock_s: float
    processor_s: float
    load: float

    def line(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


def read(file: Path) -> list[Outcome]:
    """Nothing, if it is not there yet."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [Outcome(**json.loads(line)) for line in lines if line]


def table(found: Sequence[Outcome]) -> Iterator[str]:
    """A line for each tool and number of pods."""
    yield "| pods | tool | runs | seconds, median (range) | processor seconds | load of the machine before |"
    yield "|---|---|---|---|---|---|"
    for pods, tool in sorted({(one.pods, one.tool) for one in found}):
        every = [one for one in found if (one.pods, one.tool) == (pods, tool)]
        cells = (_spread([one.clock_s for one in every]), _spread([one.processor_s for one in every]))
        loads = [one.load for one in every]
        yield f"| {pods} | {tool} | {len(every)} | {' | '.join(cells)} | {min(loads):.1f} to {max(loads):.1f} |"


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
