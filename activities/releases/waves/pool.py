"""Judges the clusters of a release together, from the ticks that their own observers write.

Nothing is sent from cluster to cluster: one activity reads what each observer has recorded, in its file or, where that
is on another machine, in the database. Ticks are counted in the
order of their times, a tick's length after the newest, so that the same files always give the same verdict; a
restarted one begins with the first tick again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.core.cancellation import Heartbeat
from activities.releases.clock import Clock, RealClock
from activities.releases.port import LIMIT_S
from activities.releases.shared_ticks import SharedTicks
from activities.releases.tick_file import TickFile
from activities.releases.waves import port
from activities.releases.waves.port import Pooled, PooledMetric, PoolInput
from domain.core.documents import Node, Object
from domain.releases.judge import explain, wave
from domain.releases.judge.pooled import Pool
from domain.releases.judge.ticks import tick_from


@dataclass
class PoolActivities(port.PoolActivities):
    """`root`: the folder of tick files; `shared`: the same of other machines (None: there are none)."""

    root: Path
    clock: Clock = field(default_factory=RealClock)
    shared: SharedTicks | None = None

    @activity.defn(name="observe-pool")
    async def observe_pool(self, input: PoolInput) -> Pooled:
        """See the port."""
        reader, until = _Reader(self.root, input, self.shared), time.monotonic() + LIMIT_S
        async with Heartbeat(lambda: reader.pool.rounds):
            while True:
                await asyncio.to_thread(reader.read, self.clock.now() - input.policy.tick_s)
                if reader.has_news or time.monotonic() > until:
                    return reader.seen()
                await self.clock.sleep(input.policy.tick_s)


class _Reader:
    """Feeds a pool from files, and from the database."""

    def __init__(self, root: Path, input: PoolInput, shared: SharedTicks | None) -> None:
        self.pool = Pool(input.policy, input.clusters)
        self._input, self._shared = input, shared
        self._files = {cluster: TickFile(root, release) for cluster, release in input.parts.items()}
        self._known: dict[str, int] = dict.fromkeys(input.parts, 0)
        """Lines of each part that are counted."""
        self._left: set[str] = set()

    def read(self, until: float) -> None:
        """Counts all ticks up to a time, in seconds since the epoch; blocking."""
        for cluster, line in sorted(self._lines(until), key=lambda one: (Node(one[1])["at"].number(), one[0])):
            if cluster not in self.pool.members:
                phi = {name: value.number() for name, value in Node(line)["phi"].fields()}
                self.pool.join(cluster, phi)
            self.pool.feed(cluster, tick_from(line))
            self._known[cluster] += 1
        for cluster in self._input.ended:
            if cluster in self.pool.members and cluster not in self._left:
                self._left.add(cluster)
                self.pool.leave(cluster)

    def _lines(self, until: float) -> Iterator[tuple[str, Object]]:
        shared = self._from_others()
        for cluster, file in self._files.items():
            last = float("inf") if cluster in self._input.ended else until
            here = file.ticks()[self._known[cluster] :]
            for line in max(here, shared.get(cluster, []), key=len):
                if Node(line)["at"].number() > last:
                    break
                yield cluster, line

    def _from_others(self) -> dict[str, list[Object]]:
        """News of each part from the database; a file has the same lines, or fewer where its observer has moved."""
        if self._shared is None:
            return {}
        parts = self._input.parts
        try:
            found = self._shared.since({release: self._known[cluster] for cluster, release in parts.items()})
        except SQLAlchemyError:
            if self._all_ended:  # nothing is read later
                raise
            return {}
        return {cluster: found[release] for cluster, release in parts.items()}

    @property
    def _all_ended(self) -> bool:
        return len(self._input.ended) == len(self._input.parts)

    @property
    def has_news(self) -> bool:
        """Whether there is anything to act on, or nothing to wait for."""
        known = self._input.proved, self._input.doubted
        return (
            self._all_ended
            or self.pool.failing is not None
            or known != (wave.proved(self.pool), bool(wave.doubt(self.pool)))
        )

    def seen(self) -> Pooled:
        """What they show together so far."""
        failing = self.pool.failing
        return Pooled(
            worse=failing is not None,
            reason=explain.together(len(self.pool.members), failing, self._input.called) if failing else "",
            proved=wave.proved(self.pool),
            doubt=wave.doubt(self.pool),
            rounds=self.pool.rounds,
            metrics=tuple(
                PooledMetric(name, round(one.process.evidence, 3), round(one.threshold, 3), one.canary, one.stable)
                for name, one in self.pool.evidence.items()
            ),
            digests={cluster: file.digest() for cluster, file in self._files.items()},
        )
