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

    def starts(self) -> tuple[str, ...]:
        """Of lines that are read."""
        return (f"{self.requests}{{", f"{self.seconds}_count{{", f"{self.seconds}_bucket{{")

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
    "traefik": Dialect("traefik_service_requests_total", "traefik_service_request_duration_seconds", "code", _traefik),
    "envoy-gateway": Dialect(
        "envoy_cluster_upstream_rq_xx",
        "envoy_cluster_upstream_rq_time",
        "envoy_response_code_class",
        _envoy_gateway,
        0.001,
        "/stats/prometheus",
    ),
    "istio": Dialect(
        "istio_requests_total",
        "istio_request_duration_milliseconds",
        "response_code",
        _istio,
        0.001,
        "/stats/prometheus",
        instead="istio-clusters",
    ),
    "istio-clusters": Dialect(
        "envoy_cluster_upstream_rq",
        "envoy_cluster_upstream_rq_time",
        "response_code_class",
        _istio_cluster,
        0.001,
        "/stats/prometheus",
    ),
    "linkerd": Dialect("response_total", "response_latency_ms", "status_code", _linkerd, 0.001),
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
            for counters, named in zip(found, wanted, strict=True):
                if spoken.is_of(series.labels, named):
                    _count(spoken, counters, series, f"{process} {series.key}", value)
    return found


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
        bound = float(sample.labels.get("le", "inf"))
    except (ValueError, KeyError, IndexError):
        return None
    key = " ".join(f"{name}={value}" for name, value in sorted(sample.labels.items()) if name != "le")
    return _Series(sample.name, sample.labels, key, bound)
