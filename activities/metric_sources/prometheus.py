"""A Prometheus server: the router's counters as it scraped them, and the custom metrics of a definition.

Raw samples are asked for, not rates: increases per series survive a restart of what is counted, and a scrape that came
late is seen as what it is.
"""

from __future__ import annotations

from typing import Any

import httpx

from activities.observe import Watched
from activities.release import Deployment
from activities.router.config import service_name
from domain.errors import SluicewayError
from domain.release.counters import Reading, Series
from domain.release.judge.policy import SLOW90, SLOW99

LOOKBACK_S = 300
"""How old the last sample of a series may be before the series counts as gone."""


class PrometheusSource:
    """`builtin`: whether errors and slow requests come from here too, or only custom metrics."""

    def __init__(self, address: str, *, builtin: bool) -> None:
        self._address, self._builtin = address, builtin

    async def read(self, watched: Watched) -> Reading:
        arms: dict[str, dict[str, Series]] = {}
        times: list[float] = []
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for arm, deployment in watched.deployments().items():
                arms[arm] = {}
                for name, query in self._queries(watched, deployment).items():
                    at, arms[arm][name] = await self._samples(client, query)
                    if at:
                        times.append(at)
        # the oldest counts: a tick is made when every scrape has gone on
        return Reading(min(times, default=0.0), arms)

    def _queries(self, watched: Watched, deployment: Deployment) -> dict[str, str]:
        found = {}
        for metric in watched.policy.metrics:
            if metric.events:
                found[f"events:{metric.name}"] = fill(metric.events, deployment)
                found[f"total:{metric.name}"] = fill(metric.total, deployment)
        if not self._builtin:
            return found
        name = service_name(deployment.service, deployment.environment, deployment.instance)
        service = f'service="{name}@file"'
        found["requests"] = f"traefik_service_requests_total{{{service}}}"
        found["errors"] = f'traefik_service_requests_total{{{service},code=~"5.."}}'
        if watched.baseline.slow90_s:
            seconds = "traefik_service_request_duration_seconds"
            found["timed"] = f"{seconds}_count{{{service}}}"
            for slow, bound in ((SLOW90, watched.baseline.slow90_s), (SLOW99, watched.baseline.slow99_s)):
                found[f"within:{slow}"] = f'{seconds}_bucket{{{service},le="{bound:g}"}}'
        return found

    async def _samples(self, client: httpx.AsyncClient, query: str) -> tuple[float, Series]:
        """The time of the newest sample, and each series' last value."""
        asked = {"query": f"{query}[{LOOKBACK_S}s]"}
        try:
            answer = await client.get(f"{self._address}/api/v1/query", params=asked)
            body: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as broken:
            raise SluicewayError(
                "SLW881", f"Prometheus at {self._address} does not answer", why=str(broken)
            ) from broken
        if body.get("status") != "success":
            raise SluicewayError("SLW882", f"Prometheus refuses {query}", why=str(body.get("error")))
        series: dict[str, float] = {}
        newest = 0.0
        for one in body["data"]["result"]:
            at, value = one["values"][-1]
            newest = max(newest, float(at))
            series[" ".join(f"{key}={one['metric'][key]}" for key in sorted(one["metric"]))] = float(value)
        return newest, series


def fill(query: str, deployment: Deployment) -> str:
    """A query for one arm. The values are names of ours, or a version, whose quotes and backslashes are escaped."""
    values = {
        "service": deployment.service,
        "environment": deployment.environment,
        "instance": deployment.instance,
        "version": deployment.spec.version,
    }
    for name, value in values.items():
        query = query.replace(f"{{{{{name}}}}}", value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", ""))
    return query
