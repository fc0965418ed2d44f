"""Traefik's counters by version: only what a release is judged by, out of a text that grows with every service."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from domain.releases.traffic_baseline import BUCKETS_S

_LINE = re.compile(r"^traefik_service_(requests_total|request_duration_seconds_(?:count|bucket))\{(.*)\} (\S+)$", re.M)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_TICK_OF = {f"{bound:g}": index for index, bound in enumerate(BUCKETS_S)}


@dataclass
class Counters:
    """Of one version, cumulative, by series."""

    requests: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    """Answers 5xx; the router answers 502 and 504 itself for resets and time-outs."""
    timed: dict[str, float] = field(default_factory=dict)
    within: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    """Index of the bucket to the requests at most as slow as its bound, by series."""


def parse(text: str, wanted: set[str] | None = None) -> dict[str, Counters]:
    """Traefik's service name (without `@file`) to its counters."""
    found: dict[str, Counters] = defaultdict(Counters)
    for line in _LINE.finditer(text):
        kind, labels, value = line[1], dict(_LABEL.findall(line[2])), float(line[3])
        name = labels.get("service", "").removesuffix("@file")
        if wanted is not None and name not in wanted:
            continue
        series = f"{labels.get('code')} {labels.get('method')} {labels.get('protocol')}"
        counters = found[name]
        if kind == "requests_total":
            counters.requests[series] = value
            if labels.get("code", "").startswith("5"):
                counters.errors[series] = value
        elif kind.endswith("count"):
            counters.timed[series] = value
        elif labels.get("le") != "+Inf":
            index = _TICK_OF.get(f"{float(labels['le']):g}")
            if index is not None:
                counters.within[index][series] = value
    return found
