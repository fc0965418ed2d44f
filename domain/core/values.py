"""Small shared helpers: JSON types, durations, suggestions for misspelt words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

Scalar = str | int | float | bool
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""JSON, as expressions use it."""
Context = Mapping[str, Json]

MAX_DURATION_S = 36_525 * 86_400.0
"""A hundred years: what a record may be kept for. Longer ones overflow a timer."""
_DURATION = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)(ms|s|m|h|d)", re.ASCII)
_UNIT_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION_FORM = "a number of seconds or a text such as 90s, 1m30s, 24h, 3d"


def duration_s(text: str | float) -> float:
    """Seconds of `90`, `90s`, `1m30s`, `24h` or `3d`: from 0 to `MAX_DURATION_S`.

    Raises:
        ValueError: the text is not a duration.
    """
    if isinstance(text, bool):
        raise ValueError(f"a duration is {_DURATION_FORM}")
    seconds = text if isinstance(text, int | float) else _written_s(text)
    if not 0 <= seconds <= MAX_DURATION_S:  # also what is no number, or beyond all
        raise ValueError(f"{_shown(text)} is not a duration from 0 to {MAX_DURATION_S / 86400:,.0f} days")
    return float(seconds)


def _written_s(text: str) -> float:
    compact = text.replace(" ", "")
    parts = _DURATION.findall(compact)
    units = [unit for _, unit in parts]
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"'{_shown(text)}' is not a duration; write {_DURATION_FORM}")
    if units != [unit for unit in _UNIT_S if unit in units]:
        raise ValueError(f"'{_shown(text)}' is not a duration; write each unit once, the longest first: 1d2h3m4s5ms")
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts)


def _shown(text: str | float) -> str:
    """Short, and without the digits of a number that has thousands."""
    if isinstance(text, str):
        return text if len(text) <= 40 else f"{text[:40]}…"
    return f"{text:.6g}" if abs(text) <= 1e300 else "a number beyond all"


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


MAX_SIMILAR, MAX_COMPARED = 64, 200
"""Characters of a word, and names that it is compared with: a stranger's definition may have thousands of both."""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word closest to the given one; empty when none is close."""
    if len(word) > MAX_SIMILAR:
        return ""
    names = list(known)
    about = (name for name in names if abs(len(name) - len(word)) <= len(word) // 2)
    if len(names) > MAX_COMPARED:
        about = (name for name in about if name[:1] == word[:1])
    found = difflib.get_close_matches(word, list(islice(about, MAX_COMPARED)), n=1, cutoff=0.6)
    return found[0] if found else ""


def number(count: int, what: str) -> str:
    """A number with its noun: `1 finding`, `2 findings`, `1,000 files`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
