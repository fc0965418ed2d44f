"""Reads counters from a Prometheus server: the scraped router, and custom metrics of a definition.

Queries raw samples, not rates: increases per series survive restarts, and late scrapes are recognised as such.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from functools import cache

import httpx2

from activities.releases.cluster_traffic.prometheus import through
from activities.releases.cluster_traffic.router import Clusters, no_clusters
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


_Ask = Callable[[str], Awaitable[str]]
Samples = dict[str, list[tuple[float, float]]]
"""Time (s) and value of every sample, by series, oldest first."""


@cache
def _certificates() -> ssl.SSLContext:
    """Loaded once: it takes longer than a query, and queries are asked at every tick."""
    return httpx2.create_ssl_context(trust_env=False)


class PrometheusSource:
    """`builtin`: whether errors and slow requests come from here too, or only custom metrics."""

    def __init__(
        self,
        address: str,
        *,
        builtin: bool,
        transport: httpx2.AsyncBaseTransport | None = None,
        clusters: Clusters = no_clusters,
    ) -> None:
        """`address`: of a release on this machine; in a cluster the registered environment says whom to ask."""
        self._address, self._builtin, self._transport, self._clusters = address, builtin, transport, clusters

    async def read(self, watched: Comparison) -> CounterSample:
        """As of the oldest of the newest samples: by then every scrape is complete."""
        found: dict[str, dict[str, Samples]] = {}
        async with httpx2.AsyncClient(
            trust_env=False, timeout=10, transport=self._transport, verify=_certificates()
        ) as client:
            ask = self._asked(client, watched.canary)
            for arm, deployment in watched.deployments().items():
                queries = self._queries(watched, deployment)
                found[arm] = {name: await self._samples(ask, query) for name, query in queries.items()}
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

    def _asked(self, client: httpx2.AsyncClient, new: Deployment) -> _Ask:
        """Raises:
        SluicewayError: SLW881, the registered environment names no Prometheus.
        """
        spec = new.spec.kubernetes

        async def directly(query: str) -> str:
            return (await client.get(f"{self._address}/api/v1/query", params={"query": query})).text

        if spec is None:
            return directly
        if spec.place.counters is None:
            what = f"the environment {new.environment} names no Prometheus"
            raise SluicewayError("SLW881", what, fix="register it with `target: {kubernetes: {counters: …}}`")
        of_place = through(self._clusters(spec.place.cluster), spec.place.counters)
        return lambda query: asyncio.to_thread(of_place, query)

    async def _samples(self, ask: _Ask, query: str) -> Samples:
        try:
            body = Node(json.loads(await ask(f"{query}[{LOOKBACK_S}s]")))
            if body["status"].value == "success":
                return _samples(body)
        except (httpx2.HTTPError, OSError, ValueError) as broken:
            who = f"Prometheus at {self._address}" if self._address else "Prometheus"
            raise SluicewayError("SLW881", f"{who} does not respond", why=str(broken)[:300]) from broken
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
        "cluster": deployment.spec.kubernetes.place.cluster if deployment.spec.kubernetes else "",
    }
    for name, value in values.items():
        query = query.replace(f"{{{{{name}}}}}", value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", ""))
    return query
