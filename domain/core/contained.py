"""The values within a secret value: what a tool reads out of it, and may print alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from domain.core.values import Json

MIN_CONTAINED = 12
"""Shorter parts of a document are common words: types, names, versions."""
_SETTING = re.compile(r"^[ \t-]*(?:export[ \t]+)?[\w.-]+[ \t]*[:=][ \t]*(\S.*?)[ \t\r]*$", re.M)
_WRITTEN_BREAK = re.compile(r"(?:\\r)?\\n")


def contained(value: str) -> Iterator[str]:
    """Strings of a JSON document, `NAME=value` and `name: value` in lines, and lines with written breaks."""
    found = list(_strings(value))
    if "\n" in value.strip():
        found += [one.strip("\"'") for one in _SETTING.findall(value)]
    for one in [value, *found]:
        if "\\n" in one:
            found += _WRITTEN_BREAK.split(one)
    yield from (one for one in found if len(one) >= MIN_CONTAINED)


def _strings(value: str) -> Iterator[str]:
    if value.lstrip()[:1] not in ("{", "["):
        return
    import json  # imported lazily: few values are documents

    try:
        left: list[Json] = [json.loads(value)]
    except (ValueError, RecursionError):
        return
    while left:
        match left.pop():
            case str(text):
                yield text
            case dict(entries):
                left += entries.values()
            case list(items):
                left += items
