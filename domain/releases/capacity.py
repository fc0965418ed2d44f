"""How many instances a version has beside another one: capacity comes before traffic."""

from __future__ import annotations

import math

SPARE = 1.2
"""A version has a fifth more than its share of the traffic needs: processes that have just started are slower."""


def instances(percent: float, full: int) -> int:
    """Instances for a share of the traffic, of as many as all of it needs; at least 1, at most all."""
    return min(max(math.ceil(full * percent * SPARE / 100), 1), full)
