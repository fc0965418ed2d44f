"""The routers' counters as a Prometheus has scraped them: the same series, told with their age.

Samples are asked for as they were scraped, not as rates: increases per series survive restarts, and what was not
scraped is no zero. Traps, each with a test:
- A version without a request has no series, nor has one whose router is not scraped: a series that every process has
  (`Dialect.alive`) tells them apart, and when each was scraped last. Values are those of the oldest of these moments.
- One that missed a scrape is not gone: its last value of five minutes counts, so it does not begin again at zero.
- Two jobs, or two replicas of Prometheus, that keep the same process count each request twice: refused.
- A label of the target hides one of the series, which is called `exported_…` then.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import inf
from ssl import SSLContext

import httpx2

from activities.releases.cluster_traffic.counter_pages import CounterApi
from activities.releases.cluster_traffic.dialects import DIALECTS, Dialect, Named, Sample, of_samples
from activities.releases.cluster_traffic.prometheus_token import token_of
from activities.releases.router_counters import Counters
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.releases.kubernetes.counted import Prometheus

LOOKBACK_S = 300
"""Age at which a series counts as gone; Prometheus's own, too."""
LATE_S = 150.0
"""Age at which counters are none any more: two scrapes a minute apart are missing."""
TIMEOUT_S = 10.0
MAX_BYTES = 32 * 1024 * 1024
MAX_SERIES = 20_000
ANSWERS = (200, 400, 422, 503)
"""Statuses with a document of its API: its result, or why it has none."""
EXPORTED = "exported_"
"""Before a label of a series whose name the target has, too, without `honor_labels`."""
OF_TARGETS = ("service", "namespace", "pod", "job", "instance", "container", "endpoint")
"""Labels that scrape configurations give to targets in clusters."""
Ask = Callable[[str], str]
"""Answers a query with the text of a response; blocking."""


def read(ask: Ask, wanted: Prometheus, dialect: Dialect, versions: Sequence[Named]) -> list[Counters]:
    """Of each version, summed over all router processes.

    Raises:
        SluicewayError: SLW869, what it has is too old, or was scraped twice, or it has nothing; SLW881, it does not
            answer, or not with counters; SLW882, it refuses.
    """
    now, at = _scraped(ask, wanted, dialect)
    samples = [one for query in _queries(wanted, dialect, versions) for one in _samples(_vector(ask, query)[1], at)]
    found = of_samples(dialect, samples, versions)
    return [replace(one, at=at, age_s=max(now - at, 0.0)) for one in found]


def through(kube: CounterApi, wanted: Prometheus) -> Ask:
    """Its address, or its Service through the cluster's API server. The token is read once, with the first query."""
    if wanted.address:
        token = cache(lambda: token_of(kube, wanted))
        return lambda query: _direct(wanted.address, query, token())
    space, _, name = wanted.service.partition("/")
    path = f"/api/v1/namespaces/{space}/services/{name}/proxy/api/v1/query"
    return lambda query: kube.raw(path, {"query": query})


@cache
def _certificates() -> SSLContext:
    """Loaded once: it takes longer than a query."""
    return httpx2.create_ssl_context(trust_env=False)


def _direct(address: str, query: str, token: str) -> str:
    """Redirects are not followed: the registered address is the only one that is asked."""
    parts, size, headers = [], 0, {"Authorization": f"Bearer {token}"} if token else {}
    with (
        httpx2.Client(trust_env=False, timeout=TIMEOUT_S, verify=_certificates()) as client,
        client.stream("GET", f"{address}/api/v1/query", params={"query": query}, headers=headers) as answer,
    ):
        if answer.status_code not in ANSWERS:
            raise OSError(f"it answers {answer.status_code}")
        for part in answer.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise OSError(f"its answer is longer than {MAX_BYTES} bytes")
    return b"".join(parts).decode("utf-8", "replace")


def _queries(wanted: Prometheus, dialect: Dialect, versions: Sequence[Named]) -> Iterator[str]:
    """One for each name that the label of a version may have; a dialect's other one is asked for as well."""
    for spoken in (dialect, *([DIALECTS[dialect.instead]] if dialect.instead else [])):
        held = "|".join(sorted({re.escape(spoken.holds(one)) for one in versions}))
        for label in (spoken.label, *([EXPORTED + spoken.label] if spoken.label in OF_TARGETS else [])):
            metrics, holds = f'__name__=~"{"|".join(spoken.metrics())}"', f'{label}=~".*({_quoted(held)}).*"'
            yield f"{{{','.join((metrics, holds, *_chosen(wanted)))}}}[{LOOKBACK_S}s]"


def _chosen(wanted: Prometheus) -> Iterator[str]:
    for name, value in sorted(wanted.labels.items()):
        yield f'{name}="{_quoted(value)}"'


def _quoted(text: str) -> str:
    """As it stands between double quotes of PromQL."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _scraped(ask: Ask, wanted: Prometheus, dialect: Dialect) -> tuple[float, float]:
    """When it is there, and when each router process had been scraped."""
    series = f"{dialect.alive}{{{','.join(_chosen(wanted))}}}"
    now, found = _vector(ask, f"timestamp({series})")
    processes = Counter(_process(one["metric"].strings()) for one in found)
    times = [value for one in found if 0 < (value := _when(one)) < inf]
    if not times:
        why = f"it has no {series}: are the router's pods scraped, and by jobs with these labels?"
        raise _none(why)
    if twice := [name for name, count in processes.items() if count > 1]:
        why = f"{twice[0][:100]} was scraped by {processes[twice[0]]} jobs or replicas, and would count as often"
        raise _none(why, fix="choose one of them: `counters: {prometheus: {labels: {job: …}}}`")
    if now - min(times) > LATE_S:
        raise _none(f"its last scrape of a router was {now - min(times):.0f} s ago")
    return now, min(times)


def _when(one: Node) -> float:
    try:
        return _sample(one["value"].value)[1]
    except ValueError:
        return 0.0


def _process(labels: Mapping[str, str]) -> str:
    return " ".join(labels[name] for name in ("instance", "pod") if name in labels)


def _vector(ask: Ask, query: str) -> tuple[float, list[Node]]:
    """The time of the answer in seconds since the epoch, and what was found."""
    try:
        body = Node(json.loads(ask(query)))
        if body["status"].value == "error":
            raise SluicewayError("SLW882", "Prometheus refuses a query", why=body["error"].text()[:300])
        found = body.need_list("data", "result")
        if body["status"].value != "success":
            raise ValueError("it says neither success nor error")
        if len(found) > MAX_SERIES:
            raise ValueError(f"{len(found)} series are more than {MAX_SERIES}")
        if partial := body["warnings"].texts():
            raise ValueError(f"its answer may not be whole: {partial[0]}")
        return max((_sample(one["value"].value)[0] for one in found if one["value"]), default=0.0), found
    except (httpx2.HTTPError, OSError, ValueError, RecursionError) as broken:
        what = "the Prometheus that counts this environment's requests does not answer as one"
        raise SluicewayError("SLW881", what, why=str(broken)[:300], transient=True) from broken


def _samples(found: list[Node], at: float) -> Iterator[Sample]:
    """The last value of each series at a time; one that began later is left out, and so is what is no counter."""
    for one in found:
        raw = one["metric"].strings()
        past = [value for when, value in (_sample(pair.value) for pair in one["values"]) if when <= at]
        if past:
            own = {name.removeprefix(EXPORTED): text for name, text in raw.items() if name.startswith(EXPORTED)}
            key = " ".join(f"{name}={raw[name]}" for name in sorted(raw) if name not in ("le", "__name__"))
            yield Sample(raw.get("__name__", ""), {**raw, **own}, _process(raw), key, past[-1])


def _sample(pair: Json) -> tuple[float, float]:
    """Raises:
    ValueError: it is none.
    """
    match pair:
        case [int() | float() as at, str() as value]:
            return float(at), float(value)
    raise ValueError("a sample is not a time and a value")


def _none(why: str, fix: str = "") -> SluicewayError:
    what = "Prometheus has no counters of the router that could be judged"
    return SluicewayError("SLW869", what, why=why, fix=fix, transient=True)
