"""Wiring of the memory adapters that ship in activities/: a target and a source of counters that do as they are told."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from activities.releases.activities import ReleaseActivities
from activities.releases.clock import Clock, RealClock
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.observer import ObserverActivities
from activities.releases.targets.memory import MemoryTarget
from activities.releases.waves.activities import WaveActivities
from activities.releases.waves.pool import PoolActivities
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from tests.support.lab import Prepared

REPLACED = ("act", "record", "observe", "keep", "reach", "observe_pool")


class Fleet:
    """A memory target for each cluster, by what a deployment says; and clusters that do not answer."""

    def __init__(self) -> None:
        self.clusters: dict[str, MemoryTarget] = defaultdict(MemoryTarget)
        self.away: set[str] = set()
        self.begun: list[str] = []
        """Clusters in the order in which something was started there."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        getattr(MemoryTarget, name)  # what that has not, this has not either

        def called(deployment: Deployment, *rest: Any) -> Any:
            if name == "start":
                self.begun.append(deployment.cluster)
            return getattr(self.clusters[deployment.cluster], name)(deployment, *rest)

        return called

    def ready(self, cluster: str) -> None:
        if cluster in self.away:
            raise SluicewayError("SLW952", f"cluster {cluster} does not answer")


class FastClock:
    """A tick of any length passes in a moment, in which the engine can still be told something."""

    MOMENT_S = 0.01

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        return time.time() + self._ahead_s

    async def sleep(self, seconds: float) -> None:
        self._ahead_s += max(seconds - self.MOMENT_S, 0)
        await asyncio.sleep(min(max(seconds, 0), self.MOMENT_S))


def on_memory(
    plain: Prepared, target: MemoryTarget | Fleet, source: MemorySource, clock: Clock | None = None
) -> list[Callable[..., Any]]:
    """The activities of a home, with releases on a memory target."""
    releases = ReleaseActivities({"local": target}, plain.records.releases, target, target, permits=plain.permits)
    folder, store = plain.settings.home / "releases", FolderStore(plain.settings.store)
    observer = ObserverActivities(folder, store, lambda policy: [source], clock or RealClock())
    kept = [activity for activity in plain.wired.activities if activity.__name__ not in REPLACED]
    waves = WaveActivities(target.ready if isinstance(target, Fleet) else lambda cluster: None)
    pool = PoolActivities(folder, clock or RealClock())
    return [*kept, releases.act, releases.record, observer.observe, observer.keep, waves.reach, pool.observe_pool]
