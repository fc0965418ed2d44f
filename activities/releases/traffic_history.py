"""Records the router's counters each second, for an hour: the baseline of the next release.

One file of JSON lines per hour: a restart of the worker loses only the seconds it took.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from activities.releases.router_counters import Counters
from activities.releases.routers.traefik.config import service_name
from activities.releases.routers.traefik.metrics import parse
from activities.releases.routers.traefik.process import Traefik
from domain.core.documents import Node, Object
from domain.releases.deployment import Deployment
from domain.releases.traffic_baseline import BUCKETS_S, HISTORY_S, Baseline, Traffic, baseline

EVERY_S = 1.0


@dataclass(frozen=True)
class _Counts:
    """Counters of one version since its router was started."""

    requests: int
    errors: int
    within: list[int]
    """Requests at most as slow as each of `BUCKETS_S`."""

    @classmethod
    def of(cls, node: Node) -> _Counts:
        """As `json` wrote it."""
        return cls(node.need_whole("n"), node.need_whole("x"), [one.need_whole() for one in node.need_list("le")])

    def json(self) -> Object:
        """As it stands in a line."""
        return {"n": self.requests, "x": self.errors, "le": self.within}


class TrafficHistory:
    """A reading each second, in one file of JSON lines an hour; older files are deleted."""

    def __init__(self, folder: Path, router: Traefik) -> None:
        self._folder, self._router = folder, router

    async def record(self) -> None:
        """One reading of all versions."""
        at = time.time()
        versions = {name: _flat(counters).json() for name, counters in parse(await self._router.metrics()).items()}
        if not versions:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        segment = int(at // HISTORY_S)
        with (self._folder / f"{segment}.jsonl").open("a") as file:
            file.write(json.dumps({"at": round(at, 3), "versions": versions}, separators=(",", ":")) + "\n")
        for old in self._folder.glob("*.jsonl"):
            if old.stem.isdigit() and int(old.stem) < segment - 1:
                old.unlink(missing_ok=True)

    def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        """The last hour, in ticks of at least a second."""
        name = service_name(deployment.service, deployment.environment, deployment.instance)
        return baseline(list(self._ticks(name, max(tick_s, EVERY_S))), max(tick_s, EVERY_S))

    def _ticks(self, name: str, tick_s: float) -> Iterator[Traffic]:
        last_at, last = 0.0, None
        for at, counts in self._readings(name, time.time() - HISTORY_S):
            if last is None:
                last_at, last = at, counts
            elif at - last_at >= tick_s * 0.95:  # readings may be slightly early or late
                yield _increase(last, counts)
                last_at, last = at, counts

    def _readings(self, name: str, since: float) -> Iterator[tuple[float, _Counts]]:
        for segment in sorted(self._folder.glob("*.jsonl"), key=lambda path: path.stem.zfill(12)):
            for line in segment.read_text().splitlines():
                try:
                    reading = Node(json.loads(line))
                except ValueError:
                    continue  # truncated when the worker was killed
                at, counts = reading.need_number("at"), reading["versions"][name]
                if at >= since and counts:
                    yield at, _Counts.of(counts)


def _flat(counters: Counters) -> _Counts:
    within = [round(sum(counters.within.get(bound, {}).values())) for bound in BUCKETS_S]
    return _Counts(counters.answered, round(sum(counters.errors.values())), within)


def _increase(before: _Counts, now: _Counts) -> Traffic:
    """A restart of the router resets all counters of a version at once."""
    if now.requests < before.requests:
        before = _Counts(0, 0, [0] * len(BUCKETS_S))
    within = tuple(max(b - a, 0) for a, b in zip(before.within, now.within, strict=True))
    return Traffic(now.requests - before.requests, max(now.errors - before.errors, 0), within)
