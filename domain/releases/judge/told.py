"""What the newest recorded tick says of all before it: evidence that is shown without being judged again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.core.documents import Node

MAX_LINE = 100_000
"""Bytes of the end of recorded ticks, where the newest one is."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A metric against its threshold, at which the version goes back. Counts are pairs of events and requests."""

    metric: str
    evidence: float
    threshold: float
    new: tuple[int, int] = (0, 0)
    stable: tuple[int, int] = (0, 0)

    @property
    def nearness(self) -> float:
        """1: the threshold is reached."""
        return self.evidence / (self.threshold or 1.0)

    def __str__(self) -> str:
        return f"{self.metric} {self.evidence:.1f} of {self.threshold:.1f}"


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """What all parts of a release showed together when they were last looked at."""

    worse: bool = False
    """They were taken back by it."""
    rounds: int = 0
    """Of a tick of each part."""
    proved: tuple[float, ...] = ()
    """Weights in percent that they have proven together."""
    metrics: tuple[Told, ...] = ()
    ticks: dict[str, str] = field(default_factory=dict)
    """Part to SHA-256 of the ticks that were read of it."""


def pooled(result: Node) -> Iterator[Told]:
    """Of the JSON of a recorded result: each metric over all parts; nothing for what was not judged together."""
    for one in result["pooled"]["metrics"]:
        new, stable = ([part.number() for part in one[arm]] for arm in ("new", "stable"))
        yield _of(one["metric"].text(), [one["evidence"].number(), one["threshold"].number(), *new, *stable])


def told(ticks: bytes) -> tuple[Told, ...]:
    """Of each metric, from JSON lines; empty: none says it. What is half-written is passed over."""
    for line in reversed(ticks[-MAX_LINE:].split(b"\n")):
        try:
            found = Node(json.loads(line))["evidence"].fields()
            return tuple(_of(name, [part.number() for part in parts]) for name, parts in found)
        except ValueError:
            continue
    return ()


def _of(metric: str, parts: list[float]) -> Told:
    evidence, threshold, *counts = [*parts, *[0.0] * 6][:6]
    events, requests, before, of = map(int, counts)
    return Told(metric=metric, evidence=evidence, threshold=threshold, new=(events, requests), stable=(before, of))
