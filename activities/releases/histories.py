"""The traffic of a version before a release: from the recorded hour of this machine, or from a cluster's routers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from activities.releases import later_counters
from activities.releases.clock import Clock, RealClock
from activities.releases.router_counters import Counters
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment
from domain.releases.traffic_baseline import MIN_TICKS, Baseline, Reading, of_readings

WATCHED_S = 10.0
"""Between two readings of a cluster's routers, for the rate; latencies are of all requests since they started."""
LONGEST_S = 30.0
"""Ticks so short that enough of them for their dispersion fit in here are watched one by one."""


class Recorded(Protocol):
    """Counters that were recorded on this machine; blocking."""

    def baseline(self, deployment: Deployment, tick_s: float) -> Baseline: ...


class Counting(later_counters.Counting, Protocol):
    """With what it can."""

    @property
    def capabilities(self) -> Collection[Capability]: ...


@dataclass(frozen=True)
class Histories:
    """`recorded`: of services on this machine."""

    recorded: Recorded
    routers: Mapping[str, Counting]
    clock: Clock = field(default_factory=RealClock)

    async def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        """Traffic of a deployment, in ticks of `tick_s` seconds where it was recorded.

        Raises:
            SluicewayError: SLW869, the counters of a cluster's routers cannot be read.
        """
        if deployment.spec.kubernetes is None:
            return await asyncio.to_thread(self.recorded.baseline, deployment, tick_s)
        router = self.routers[deployment.spec.router]
        if Capability.COUNTERS not in router.capabilities:
            return Baseline()
        (first,) = await later_counters.later_counters(router, self.clock, deployment)
        if first.at:
            return await self._of_scrapes(router, deployment, first)
        count, apart_s = (MIN_TICKS, tick_s) if MIN_TICKS * tick_s <= LONGEST_S else (1, WATCHED_S)
        began, readings = self.clock.now(), [_reading(first)]
        for number in range(1, count + 1):
            await self.clock.sleep(began + number * apart_s - self.clock.now())
            readings += [_reading(one) for one in await router.counters(deployment)]
        return of_readings(readings, max(self.clock.now() - began, apart_s))

    async def _of_scrapes(self, router: Counting, deployment: Deployment, first: Counters) -> Baseline:
        """Of two: how many ticks have a scrape of their own is not known."""
        await self.clock.sleep(WATCHED_S)
        (last,) = await later_counters.later_counters(router, self.clock, deployment)
        return of_readings([_reading(first), _reading(last)], max(last.at - first.at, WATCHED_S))


def _reading(found: Counters) -> Reading:
    within = {bound: round(sum(series.values())) for bound, series in found.within.items()}
    return Reading(found.answered, round(sum(found.errors.values())), round(sum(found.timed.values())), within)
