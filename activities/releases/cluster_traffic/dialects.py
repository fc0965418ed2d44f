"""How each router writes its counters by version: one table, read into the same numbers.

Traps, each with a test on recorded pages:
- Traefik counts by Service only with `addServicesLabels`; its buckets end where its operator ends them.
- Envoy Gateway has one cluster for all backends of a rule, unless each has a filter of its own.
- Istio counts a request at both ends: only the sender's side is read, and its seconds are milliseconds.
- An Envoy without Istio's filters, or whose telemetry is off, has no such counters: it is read by cluster. There every
  answer stands twice, by code and by class of code; what it answers itself (no endpoint is there) counts, too.
- Linkerd writes the answer's class beside its code; its latencies are milliseconds too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from prometheus_client.parser import text_string_to_metric_families

from activities.releases.router_counters import Counters

Labels = Mapping[str, str]
MAX_SERIES = 65_536
"""Number of remembered series: only their values change from one second to the next."""


@dataclass(frozen=True)
class Named:
    """A version as routers name it."""

    namespace: str
    route: str
    """The service's route."""
    service: str
    """The version's Service."""
    place: str = ""
    """`RULE/BACKEND` of it in the route, for a router that counts by place; empty: it is in none."""


@dataclass(frozen=True)
class Dialect:
    """`requests`: a counter with every answer's code. `seconds`: a histogram, in units of `unit_s`."""

    requests: str
    seconds: str
    code: str
    """Label of the answer's code or its class."""
    is_of: Callable[[Labels, Named], bool]
    unit_s: float = 1.0
    page: str = "/metrics"
    instead: str = ""
    """Dialect of a page without a request in this one."""
    alive: str = ""
    """A series that every process has exactly once, whatever was requested of it."""
    label: str = ""
    """Label that holds the name of a version's Service, or what leads to it."""
    holds: Callable[[Named], str] = lambda named: named.service
    """What that label has in it, for a version at least."""

    def metrics(self) -> tuple[str, ...]:
        """That are read."""
        return (self.requests, f"{self.seconds}_count", f"{self.seconds}_bucket")

    def starts(self) -> tuple[str, ...]:
        """Of lines that are read."""
        return tuple(f"{name}{{" for name in self.metrics())

    def of_page(self, page: str) -> Dialect:
        """The one that a page is written in."""
        spoken = not self.instead or f"\n{self.requests}{{" in f"\n{page}"
        return self if spoken else DIALECTS[self.instead]


def _traefik(labels: Labels, named: Named) -> bool:
    """By route and Service, so the preview's requests are not the service's; the short form is that of before 3.7."""
    space, service = re.escape(named.namespace), re.escape(named.service)
    route = rf"httproute-{space}-{re.escape(named.route)}-gw-.+-svc-{space}-{service}-\d+"
    return bool(_whole(rf"(?:{route}|{space}-{service}(?:-http)?-\d+)@kubernetesgateway", labels.get("service", "")))


def _envoy_gateway(labels: Labels, named: Named) -> bool:
    rule, _, backend = named.place.partition("/")
    name = f"httproute/{named.namespace}/{named.route}/rule/{rule}/backend/{backend}"
    return bool(named.place) and labels.get("envoy_cluster_name") == name


def _istio(labels: Labels, named: Named) -> bool:
    """The sidecar of a version counts the same requests once more, as `destination`."""
    return (
        labels.get("reporter") == "source"
        and labels.get("destination_service_name") == named.service
        and labels.get("destination_service_namespace") == named.namespace
    )


def _istio_cluster(labels: Labels, named: Named) -> bool:
    """`outbound|PORT|SUBSET|HOST`; once by class of code is enough."""
    if "response_code" in labels:
        return False
    direction, _, _, host = (labels.get("cluster_name", "").split("|") + [""] * 4)[:4]
    return direction == "outbound" and host.startswith(f"{named.service}.{named.namespace}.svc.")


def _linkerd(labels: Labels, named: Named) -> bool:
    return (
        labels.get("direction") == "outbound"
        and labels.get("dst_service") == named.service
        and labels.get("dst_namespace") == named.namespace
    )


def _whole(pattern: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(pattern, text)


DIALECTS: Mapping[str, Dialect] = {
    "traefik": Dialect(
        "traefik_service_requests_total",
        "traefik_service_request_duration_seconds",
        "code",
        _traefik,
        alive="traefik_config_last_reload_success",
        label="service",
    ),
    "envoy-gateway": Dialect(
        "envoy_cluster_upstream_rq_xx",
        "envoy_cluster_upstream_rq_time",
        "envoy_response_code_class",
        _envoy_gateway,
        0.001,
        "/stats/prometheus",
        alive="envoy_server_live",
        label="envoy_cluster_name",
        holds=lambda named: f"httproute/{named.namespace}/{named.route}/",
    ),
    "istio": Dialect(
        "istio_requests_total",
        "istio_request_duration_milliseconds",
        "response_code",
        _istio,
        0.001,
        "/stats/prometheus",
        instead="istio-clusters",
        alive="envoy_server_live",
        label="destination_service_name",
    ),
    "istio-clusters": Dialect(
        "envoy_cluster_upstream_rq",
        "envoy_cluster_upstream_rq_time",
        "response_code_class",
        _istio_cluster,
        0.001,
        "/stats/prometheus",
        alive="envoy_server_live",
        label="cluster_name",
    ),
    "linkerd": Dialect(
        "response_total",
        "response_latency_ms",
        "status_code",
        _linkerd,
        0.001,
        alive="proxy_build_info",
        label="dst_service",
    ),
}
CONTROLLERS: Mapping[str, str] = {
    "traefik.io/gateway-controller": "traefik",
    "gateway.envoyproxy.io/gatewayclass-controller": "envoy-gateway",
    "istio.io/gateway-controller": "istio",
}
"""`GatewayClass.spec.controllerName` to dialect."""


def read(dialect: Dialect, pages: Mapping[str, str], versions: Iterable[Named]) -> list[Counters]:
    """Of each version, summed over all pages. `pages`: router process to its page.

    A series is named by its process too: each restarts by itself, and its counters with it.
    """
    wanted = list(versions)
    found = [Counters() for _ in wanted]
    for process, page in pages.items():
        spoken = dialect.of_page(page)
        for series, value in _lines(spoken, page):
            _add(spoken, found, wanted, series, f"{process} {series.key}", value)
    return found


@dataclass(frozen=True)
class Sample:
    """One value of a series, as somebody has scraped it."""

    metric: str
    labels: Labels
    """As the process wrote them."""
    process: str
    """The name of the process among those that were scraped."""
    key: str
    """The series, whatever the bound of its bucket."""
    value: float


def of_samples(dialect: Dialect, samples: Iterable[Sample], versions: Iterable[Named]) -> list[Counters]:
    """As `read`, from what was scraped of all processes."""
    wanted, every = list(versions), list(samples)
    found = [Counters() for _ in wanted]
    speaking = {one.process for one in every if one.metric == dialect.requests}
    for one in every:
        spoken = dialect if one.process in speaking or not dialect.instead else DIALECTS[dialect.instead]
        if (bound := _bound(one.labels)) is not None and one.metric in spoken.metrics():
            _add(spoken, found, wanted, _Series(one.metric, one.labels, one.key, bound), one.key, one.value)
    return found


def _add(dialect: Dialect, found: list[Counters], wanted: list[Named], series: _Series, key: str, value: float) -> None:
    for counters, named in zip(found, wanted, strict=True):
        if dialect.is_of(series.labels, named):
            _count(dialect, counters, series, key, value)


def _bound(labels: Labels) -> float | None:
    """Of a bucket; infinite: it is none. None: it is no number."""
    try:
        return float(labels.get("le", "inf"))
    except ValueError:
        return None


def _lines(dialect: Dialect, page: str) -> Iterator[tuple[_Series, float]]:
    starts = dialect.starts()
    for line in page.split("\n"):
        if line.startswith(starts):
            name, brace, value = line.rpartition("} ")
            if (series := _series(name + brace.strip())) is not None:
                yield series, _number(value)


@dataclass(frozen=True, slots=True)
class _Series:
    metric: str
    labels: Labels
    key: str
    """Its labels without the bound of a bucket."""
    bound: float


def _count(dialect: Dialect, counters: Counters, series: _Series, key: str, value: float) -> None:
    if not 0 <= value < math.inf:
        return
    if series.metric == dialect.requests:
        counters.requests[key] = value
        if series.labels.get(dialect.code, "").startswith("5"):
            counters.errors[key] = value
    elif series.metric.endswith("_count"):
        counters.timed[key] = value
    elif series.bound < math.inf:
        counters.within[_round(series.bound * dialect.unit_s)][key] = value


def _round(seconds: float) -> float:
    return float(f"{seconds:.6g}")


def _number(text: str) -> float:
    """A sample's value, which may stand before a time; nan: none."""
    try:
        return float(text.split(" ", 1)[0])
    except ValueError:
        return math.nan


@lru_cache(MAX_SERIES)
def _series(text: str) -> _Series | None:
    """`NAME{LABELS}`, as it stands before the value; None: it is none."""
    try:
        (sample,) = (one for family in text_string_to_metric_families(f"{text} 0\n") for one in family.samples)
    except (ValueError, KeyError, IndexError):
        return None
    bound = _bound(sample.labels)
    if bound is None:
        return None
    key = " ".join(f"{name}={value}" for name, value in sorted(sample.labels.items()) if name != "le")
    return _Series(sample.name, sample.labels, key, bound)
