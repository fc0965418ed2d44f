"""The router's own counters, read directly: no installation, no second clock."""

from __future__ import annotations

import time
from collections.abc import Mapping

from activities.releases.metric_sources.port import Comparison
from activities.releases.router_counters import Counters
from activities.releases.routers.port import Router
from domain.releases.counters import CounterSample, Series
from domain.releases.judge.policy import SLOW90, SLOW99


class RouterSource:
    """Cumulative counters of both versions, from the router that splits the traffic between them."""

    def __init__(self, routers: Mapping[str, Router]) -> None:
        self._routers = routers

    async def read(self, watched: Comparison) -> CounterSample:
        """Current counters; zeros for a version without requests so far."""
        arms = watched.deployments()
        found = await self._routers[watched.canary.spec.router].counters(*arms.values())
        at = found[0].at or time.time()
        read = {arm: _counters(counters, watched) for arm, counters in zip(arms, found, strict=True)}
        return CounterSample(at, read)


def _counters(counters: Counters, watched: Comparison) -> dict[str, Series]:
    baseline = watched.baseline
    read: dict[str, Series] = {"requests": counters.requests, "errors": counters.errors}
    if baseline.slow90_s:
        read["timed"] = counters.timed
        read[f"within:{SLOW90}"] = counters.within.get(baseline.slow90_s, {})
        read[f"within:{SLOW99}"] = counters.within.get(baseline.slow99_s, {})
    return read
