"""Small shared helpers: JSON types, durations, suggestions for misspelt words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Scalar = str | int | float | bool
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""JSON, as expressions use it."""
Context = Mapping[str, Json]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration_s(text: str | float) -> float:
    """Seconds of `90`, `90s`, `1m30s`, `24h` or `3d`.

    Raises:
        ValueError: the text is not a duration.
    """
    if isinstance(text, bool):
        raise ValueError("a duration is a number of seconds or a text such as 90s, 1m30s, 24h, 3d")
    if isinstance(text, int | float):
        return float(text)
    compact = text.replace(" ", "")
    parts = _DURATION.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"'{text}' is not a duration; write a number of seconds or a text such as 90s, 1m30s, 24h, 3d")
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts)


def duration_text(seconds: float) -> str:
    """`0.4 s`, `12.0 s`, `2m05s`, `3h20m`, `2d4h`: for people, at most two units."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{s:02d}s"
    hours, m = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{m:02d}m"
    return f"{hours // 24}d{hours % 24}h"


def closest(word: str, known: Iterable[str]) -> str:
    """The known word closest to the given one; empty when none is close."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def number(count: int, what: str) -> str:
    """A number with its noun: `1 finding`, `2 findings`, `1,000 files`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
