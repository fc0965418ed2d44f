"""Counters that a test or a dry run writes: what each version's next ticks shall be."""

from __future__ import annotations

from collections import defaultdict

from activities.releases.metric_sources.port import Comparison
from domain.core.errors import SluicewayError
from domain.releases.counters import CounterSample

Rates = tuple[int, float]
"""Requests of a tick (of the whole service), and the part of the version's requests that fail."""


class MemorySource:
    """Each reading is one tick further: requests are split exactly by weight, errors are rounded down over time."""

    def __init__(self) -> None:
        self.per_tick = 1000
        self.error_rate: dict[str, float] = {}
        """Version to the part of its requests that fail."""
        self.silent: set[str] = set()
        """Versions that get no traffic, whatever the weight says."""
        self.failing: set[int] = set()
        """Numbers of the readings that fail; the first is 1."""
        self.reads = 0
        self._requests: dict[str, float] = defaultdict(float)
        self._errors: dict[str, float] = defaultdict(float)

    async def read(self, watched: Comparison) -> CounterSample:
        """Counters since the start, as a router has them. Raises SLW881 for the readings in `failing`."""
        self.reads += 1
        if self.reads in self.failing:
            raise SluicewayError("SLW881", "the source was told to fail")
        parts = {"canary": watched.percent / 100, "stable": 1 - watched.percent / 100}
        arms = {}
        for arm, deployment in watched.deployments().items():
            key, version = f"{deployment.service}/{deployment.instance}", deployment.spec.version
            if version not in self.silent:
                requests = self.per_tick * parts[arm]
                self._requests[key] += requests
                self._errors[key] += requests * self.error_rate.get(version, 0.0)
            arms[arm] = {
                "requests": {"": float(int(self._requests[key]))},
                "errors": {"": float(int(self._errors[key]))},
            }
        return CounterSample(float(self.reads), arms)
