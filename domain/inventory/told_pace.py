"""How much a cluster that dials out may ask and tell in a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType

from domain.access.rates import Rate, tried
from domain.inventory.told import Told, size_of

RATES: Mapping[str, Rate] = MappingProxyType(
    {"requests": Rate(600, 0.1), "rows": Rate(40_000, 0.001), "warnings": Rate(10_000, 0.005)}
)
"""So many at once, and then one each so many seconds: 600 requests, 60,000 rows and 12,000 warnings a minute. A cluster
of 100,000 pods is listed in about a minute and a half; one that is being listed was never faster than its database.
"""
BYTES_OF_ROW = 2_048
"""A row with more details than that counts as several."""
MOST_BYTES = 1_000_000_000
"""Of what is kept of a cluster: whoever has its token fills no disk."""


@dataclass(frozen=True)
class Cost:
    """Of a request."""

    requests: int = 1
    rows: int = 0
    warnings: int = 0


@dataclass(frozen=True)
class Used:
    """Up to when each of them is used up, in seconds of any clock."""

    requests: float = 0
    rows: float = 0
    warnings: float = 0


@dataclass(frozen=True)
class Paced:
    """What a request comes to."""

    used: Used
    """To remember."""
    wait_s: float = 0
    """Over 0: it is refused, and would pass after this time."""
    what: str = ""
    """Of which there are too many."""


def cost_of(told: Told) -> Cost:
    """Of what is told, beside the request itself."""
    rows = sum(1 + size_of(row) // BYTES_OF_ROW for row in told.rows) + len(told.gone)
    ends = sum(max(len(one.about) + len(one.events), 1) for one in told.ended)
    return Cost(requests=0, rows=rows, warnings=len(told.events) + ends)


def paced(used: Used, now: float, cost: Cost) -> Paced:
    """All of it passes, or nothing of it counts."""
    after: list[float] = []
    for what, before, many in zip(RATES, astuple(used), astuple(cost), strict=True):
        found = tried(before, now, RATES[what], many)
        if found.wait_s > 0:
            return Paced(used, found.wait_s, what)
        after.append(found.used_until)
    return Paced(Used(*after))
