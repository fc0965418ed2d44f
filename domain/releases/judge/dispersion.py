"""How much counts vary beyond chance: retries, batch clients and sessions cause bursts of errors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MAX = 10.0
DEFAULT = 2.0
"""Used without any history."""
_PRIOR, _WINSOR = 10.0, 25.0


def dispersion(counts: Sequence[int]) -> float:
    """The Fano factor (variance over mean) of counts per tick, from differences of neighbours, between 1 and 10.

    Differences cancel slow drifts; one large jump counts at most as 25 times chance, so an incident in the previous
    hour does not make the judge insensitive.
    """
    if len(counts) < 2:
        return DEFAULT
    pairs = list(pairwise(counts))
    squares = sum(min((b - a) ** 2, _WINSOR * (a + b)) for a, b in pairs)
    total = sum(a + b for a, b in pairs)
    return min(max((squares + _PRIOR) / (total + _PRIOR), 1.0), MAX)
