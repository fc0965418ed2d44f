"""The router's own counters, read directly: no installation, no second clock."""

from __future__ import annotations

import time

from activities.releases.metric_sources.port import Comparison
from activities.releases.routers.traefik.config import service_name
from activities.releases.routers.traefik.metrics import Counters, parse
from activities.releases.routers.traefik.process import Traefik
from domain.releases.counters import CounterSample, Series
from domain.releases.judge.policy import SLOW90, SLOW99
from domain.releases.traffic_baseline import BUCKETS_S


class RouterSource:
    """Cumulative counters of both versions, from the router's metrics endpoint."""

    def __init__(self, router: Traefik) -> None:
        self._router = router

    async def read(self, watched: Comparison) -> CounterSample:
        """Current counters; zeros for a version without requests so far."""
        names = {
            arm: service_name(one.service, one.environment, one.instance) for arm, one in watched.deployments().items()
        }
        found = parse(await self._router.metrics(), set(names.values()))
        at = time.time()
        return CounterSample(at, {arm: _counters(found.get(name, Counters()), watched) for arm, name in names.items()})


def _counters(counters: Counters, watched: Comparison) -> dict[str, Series]:
    baseline = watched.baseline
    read: dict[str, Series] = {"requests": counters.requests, "errors": counters.errors}
    if baseline.slow90_s:
        read["timed"] = counters.timed
        read[f"within:{SLOW90}"] = counters.within[BUCKETS_S.index(baseline.slow90_s)]
        read[f"within:{SLOW99}"] = counters.within[BUCKETS_S.index(baseline.slow99_s)]
    return read
