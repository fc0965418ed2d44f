"""The port of metric sources: counters by version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.releases.counters import CounterSample
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import Policy
from domain.releases.traffic_baseline import Baseline


@dataclass(frozen=True)
class Comparison:
    """The compared versions and their policy."""

    canary: Deployment
    stable: Deployment
    policy: Policy
    baseline: Baseline
    percent: float = 0.0

    def deployments(self) -> dict[str, Deployment]:
        """Both arms by name: `canary` and `stable`."""
        return {"canary": self.canary, "stable": self.stable}


class MetricSource(Protocol):
    """Reads cumulative counters of both arms.

    `requests` and `errors` by series, and with a baseline `timed`, `within:slow90` and `within:slow99`; for a custom
    metric NAME `events:NAME` and `total:NAME`. Called often; never waits for a later sample.
    """

    async def read(self, watched: Comparison) -> CounterSample:
        """Current counters.

        Raises:
            SluicewayError: the source does not answer; the observer retries at the next tick.
        """
        ...


Sources = Callable[[Policy], list[MetricSource]]
