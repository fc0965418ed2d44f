"""Lines of containers as an API server gives them, each with its time: put in order, and only what is new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?", re.ASCII)
NANO = 10**9


@dataclass(frozen=True)
class PodLine:
    """`at`: nanoseconds since the epoch; 0: the line has no time."""

    at: int
    container: str
    text: str


def line_of(container: str, text: str) -> PodLine:
    """A line of `kubectl logs --timestamps`. What has no time at its beginning is all text."""
    found = _STAMP.match(text)
    if not found:
        return PodLine(0, container, text)
    try:
        whole = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
    except ValueError:
        return PodLine(0, container, text)
    nanos = int((found[2] or "0").ljust(9, "0"))
    return PodLine(int(whole.timestamp()) * NANO + nanos, container, text[found.end() :])


def since(at: int) -> str:
    """For `sinceTime`, which knows whole seconds: what was read already comes again."""
    return datetime.fromtimestamp(at // NANO, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class Seen:
    """How far a container's log is read: its last time, and how many of its lines have just that."""

    at: int = 0
    same: int = 0

    def new(self, lines: Iterable[PodLine]) -> list[PodLine]:
        """Those that were not given before, in their order. Lines without a time follow the one before them."""
        fresh: list[PodLine] = []
        behind, again = True, self.same
        for line in lines:
            if line.at > self.at:
                self.at, self.same, behind = line.at, 1, False
            elif line.at == self.at and line.at:
                if again and behind:
                    again -= 1
                    continue
                self.same += 1
                behind = False
            elif behind and self.at:
                continue
            fresh.append(line)
        return fresh


@dataclass
class Together:
    """The logs of several containers of a pod as one."""

    seen: dict[str, Seen] = field(default_factory=dict)

    def new(self, given: Mapping[str, str]) -> list[PodLine]:
        """What is new in each container's answer, all in the order of their times; of one container, in its own."""
        fresh: list[PodLine] = []
        for container, text in given.items():
            lines = (line_of(container, one) for one in text.splitlines())
            fresh += _timed(self.seen.setdefault(container, Seen()).new(lines))
        return sorted(fresh, key=lambda line: line.at)

    def since(self, container: str) -> str:
        """From when a container's log is to be asked for; empty: from its beginning."""
        known = self.seen.get(container)
        return since(known.at) if known and known.at else ""


def _timed(lines: list[PodLine]) -> list[PodLine]:
    """A line without a time gets that of the one before: else it would be sorted away from it."""
    at, timed = 0, []
    for line in lines:
        at = line.at or at
        timed.append(PodLine(at, line.container, line.text))
    return timed
