"""How random a text looks."""

from __future__ import annotations

import math
from collections import Counter


def bits(value: bytes) -> float:
    """Shannon's entropy per byte, 0 to 8: 0 for one repeated byte, 4 for random hexadecimal digits, 6 for base64."""
    if not value:
        return 0.0
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def random_looking(value: bytes, least: float = 3.0) -> bool:
    """At least 16 bytes that are no words: digits among letters, and enough different bytes."""
    return len(value) >= 16 and any(48 <= one <= 57 for one in value) and bits(value) >= least
