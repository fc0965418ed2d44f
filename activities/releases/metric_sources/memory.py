"""Counters that a test or a dry run controls."""

from __future__ import annotations

from collections import defaultdict

from activities.releases.metric_sources.port import Comparison
from domain.core.errors import SluicewayError
from domain.releases.counters import CounterSample

Rates = tuple[int, float]
"""The service's requests in a tick, and the share of the version's requests that fail."""


class MemorySource:
    """Each reading is the next tick: requests are split exactly by weight, errors are rounded down over time."""

    def __init__(self) -> None:
        self.per_tick = 1000
        self.error_rate: dict[str, float] = {}
        """Version to the share of its requests that fail; `CLUSTER/VERSION` for one cluster."""
        self.silent: set[str] = set()
        """Versions without traffic, whatever their weight."""
        self.failing: set[int] = set()
        """Numbers of the failing readings, from 1."""
        self.reads = 0
        self._requests: dict[str, float] = defaultdict(float)
        self._errors: dict[str, float] = defaultdict(float)

    async def read(self, watched: Comparison) -> CounterSample:
        """Counters since the start, as from a router.

        Raises:
            SluicewayError: SLW881, for the readings in `failing`.
        """
        self.reads += 1
        if self.reads in self.failing:
            raise SluicewayError("SLW881", "the source was told to fail")
        parts = {"canary": watched.percent / 100, "stable": 1 - watched.percent / 100}
        arms = {}
        for arm, deployment in watched.deployments().items():
            key, version = f"{deployment.place}/{deployment.service}/{deployment.instance}", deployment.spec.version
            if version not in self.silent:
                requests = self.per_tick * parts[arm]
                self._requests[key] += requests
                rate = self.error_rate.get(version, 0.0)
                self._errors[key] += requests * self.error_rate.get(f"{deployment.cluster}/{version}", rate)
            arms[arm] = {
                "requests": {"": float(int(self._requests[key]))},
                "errors": {"": float(int(self._errors[key]))},
            }
        return CounterSample(float(self.reads), arms)
