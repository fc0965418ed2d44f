"""Traefik's counters by version: only those that judge a release, out of a page that grows with every service.

prometheus-client parses a series once: only values change from one second to the next, and parsing the labels of some
thousand series each second would cost a tenth of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from prometheus_client.parser import text_string_to_metric_families

from activities.releases.router_counters import Counters
from domain.releases.traffic_baseline import BUCKETS_S

_REQUESTS = "traefik_service_requests_total"
_TIMED = "traefik_service_request_duration_seconds_count"
_WITHIN = "traefik_service_request_duration_seconds_bucket"
_READ = (_REQUESTS, _TIMED, _WITHIN)
_BOUND_OF = {f"{bound:g}": bound for bound in BUCKETS_S}
MAX_SERIES = 65_536
"""Number of remembered series, up to 40 MB; two versions of a service have 600."""


@dataclass(frozen=True, slots=True)
class _Series:
    metric: str
    service: str
    """Its name in Traefik, without `@file`."""
    key: str
    """Code, method and protocol."""
    is_error: bool
    bound: float
    """One of BUCKETS_S; 0: a bucket that is not read."""


def parse(text: str, wanted: set[str] | None = None) -> dict[str, Counters]:
    """Traefik's service name (without `@file`) to its counters; unreadable lines are left out."""
    found: dict[str, Counters] = defaultdict(Counters)
    for line in text.split("\n"):
        if not line.startswith(_READ):
            continue
        name, _, value = line.rpartition(" ")  # Traefik writes no timestamps
        series = _series(name)
        if series is None or (wanted is not None and series.service not in wanted):
            continue
        counters, count = found[series.service], float(value)
        if series.metric == _REQUESTS:
            counters.requests[series.key] = count
            if series.is_error:
                counters.errors[series.key] = count
        elif series.metric == _TIMED:
            counters.timed[series.key] = count
        elif series.bound:
            counters.within[series.bound][series.key] = count
    return found


@lru_cache(MAX_SERIES)
def _series(text: str) -> _Series | None:
    """`NAME{LABELS}`, as written before the value."""
    try:
        (sample,) = (one for family in text_string_to_metric_families(f"{text} 0\n") for one in family.samples)
        bound = float(sample.labels.get("le", "inf"))
    except ValueError:
        return None
    code, method, protocol = (sample.labels.get(label) for label in ("code", "method", "protocol"))
    return _Series(
        sample.name,
        sample.labels.get("service", "").removesuffix("@file"),
        f"{code} {method} {protocol}",
        (code or "").startswith("5"),
        _BOUND_OF.get(f"{bound:g}", 0.0),
    )
