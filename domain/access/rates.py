"""How often somebody may try something: the generic cell rate algorithm, which remembers one time for each who tries.

Source: ITU-T I.371, annex A. A key of a limit has a time up to which its tries are used up; one try moves it on by the
time between two tries, and may move it no further ahead of now than the burst allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Rate:
    """`burst` tries at once, then one each `every_s` seconds."""

    burst: int
    every_s: float


@dataclass(frozen=True)
class Tried:
    """What one more try comes to."""

    used_until: float
    """To remember, in seconds since the epoch."""
    wait_s: float = 0
    """Over 0: it is refused, and the next one is possible after this time."""


def tried(used_until: float, now: float, rate: Rate, many: int = 1) -> Tried:
    """So many tries at `now`, all or none. Refused ones change nothing: nobody is locked out longer by trying on."""
    after = max(used_until, now) + many * rate.every_s
    wait = after - now - rate.burst * rate.every_s
    # within a rounding error of the limit is within the limit
    return Tried(used_until, wait) if wait > 1e-6 * rate.every_s else Tried(after)


RATES: Mapping[str, Mapping[str, Rate]] = MappingProxyType(
    {
        "login": MappingProxyType({"address": Rate(30, 2), "person": Rate(10, 30)}),
        "device": MappingProxyType({"address": Rate(20, 20)}),
        "session": MappingProxyType({"person": Rate(30, 10)}),
        "token": MappingProxyType({"address": Rate(20, 30), "person": Rate(10, 60)}),
        "signature": MappingProxyType({"address": Rate(60, 1), "person": Rate(30, 2)}),
        "order": MappingProxyType({"address": Rate(1_200, 0.25), "person": Rate(300, 1)}),
    }
)
"""What is tried, and by whom it is counted: the network of a client, and a principal.

`device` is a command line that begins to wait: each takes one of the few places for ten minutes.
`session` is a login, or a second factor, that was proven: what strangers try under a person's name is not counted
there, so they lock nobody out.
"""
STRICTEST = Rate(10, 60)
"""For what has no rate of its own."""


def rate_of(kind: str, who: str) -> Rate:
    """`who`: `address:…`, or the id of a principal (`person:ann`)."""
    by = "address" if who.startswith("address:") else "person"
    return RATES.get(kind, {}).get(by, STRICTEST)
