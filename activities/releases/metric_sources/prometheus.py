"""Reads counters from a Prometheus server: the scraped router, and custom metrics of a definition.

Queries raw samples, not rates: increases per series survive restarts, and late scrapes are recognised as such.
"""

from __future__ import annotations

import ssl
from functools import cache

import httpx2

from activities.releases.metric_sources.port import Comparison
from activities.releases.routers.traefik.config import service_name
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.releases.counters import CounterSample, Series
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import SLOW90, SLOW99

LOOKBACK_S = 300
"""Age at which a series counts as gone."""


Samples = dict[str, list[tuple[float, float]]]
"""Time (s) and value of every sample, by series, oldest first."""


@cache
def _certificates() -> ssl.SSLContext:
    """Loaded once: it takes longer than a query, and queries are asked at every tick."""
    return httpx2.create_ssl_context(trust_env=False)


class PrometheusSource:
    """`builtin`: whether errors and slow requests come from here too, or only custom metrics."""

    def __init__(self, address: str, *, builtin: bool, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._address, self._builtin, self._transport = address, builtin, transport

    async def read(self, watched: Comparison) -> CounterSample:
        """As of the oldest of the newest samples: by then every scrape is complete."""
        found: dict[str, dict[str, Samples]] = {}
        async with httpx2.AsyncClient(
            trust_env=False, timeout=10, transport=self._transport, verify=_certificates()
        ) as client:
            for arm, deployment in watched.deployments().items():
                queries = self._queries(watched, deployment)
                found[arm] = {name: await self._samples(client, query) for name, query in queries.items()}
        newest = [
            max(values[-1][0] for values in samples.values())
            for arm in found.values()
            for samples in arm.values()
            if samples
        ]
        # the oldest counts: every scrape is complete up to then, and all values are read as of that moment
        at = min(newest, default=0.0)
        return CounterSample(
            at, {arm: {name: as_of(at, one) for name, one in every.items()} for arm, every in found.items()}
        )

    def _queries(self, watched: Comparison, deployment: Deployment) -> dict[str, str]:
        """In query order: a total before its events, so that it never lacks what it counts."""
        found = {}
        for metric in watched.policy.metrics:
            if metric.events:
                found[f"total:{metric.name}"] = fill(metric.total, deployment)
                found[f"events:{metric.name}"] = fill(metric.events, deployment)
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

    async def _samples(self, client: httpx2.AsyncClient, query: str) -> Samples:
        asked = {"query": f"{query}[{LOOKBACK_S}s]"}
        try:
            answer = await client.get(f"{self._address}/api/v1/query", params=asked)
            body = Node(answer.json())
            if body["status"].value == "success":
                return _samples(body)
        except (httpx2.HTTPError, ValueError) as broken:
            raise SluicewayError(
                "SLW881", f"Prometheus at {self._address} does not respond", why=str(broken)
            ) from broken
        raise SluicewayError("SLW882", f"Prometheus refuses {query}", why=body["error"].text())


def _samples(body: Node) -> Samples:
    found: Samples = {}
    for one in body.need_list("data", "result"):
        labels = one.need_object("metric")
        found[" ".join(f"{key}={labels[key]}" for key in sorted(labels))] = [
            _sample(pair.value) for pair in one.need_list("values")
        ]
    return found


def _sample(pair: Json) -> tuple[float, float]:
    match pair:
        case [int() | float() as at, str() as value]:
            return float(at), float(value)
    raise ValueError("a sample is not a time and a value")


def as_of(at: float, samples: Samples) -> Series:
    """Each series' last value at that time; series that began later are left out."""
    past = {name: [value for when, value in values if when <= at] for name, values in samples.items()}
    return {name: values[-1] for name, values in past.items() if values}


def fill(query: str, deployment: Deployment) -> str:
    """A query for one arm. Values are names of ours, or a version, with quotes and backslashes escaped."""
    values = {
        "service": deployment.service,
        "environment": deployment.environment,
        "instance": deployment.instance,
        "version": deployment.spec.version,
    }
    for name, value in values.items():
        query = query.replace(f"{{{{{name}}}}}", value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", ""))
    return query
