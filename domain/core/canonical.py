"""One text for one value: canonical JSON (RFC 8785) without fractions, so that a browser builds the same bytes.

What is signed starts with the name of what it is: a signature of one kind of text never fits another kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from domain.core.values import Json

MAX_INTEGER = 2**53 - 1
"""The largest integer that JavaScript reads back (RFC 7493, 2.2)."""


def canonical(value: Json) -> bytes:
    """The canonical JSON of a value, in UTF-8.

    Raises:
        ValueError: it holds a fraction, an integer beyond `MAX_INTEGER`, or a lone surrogate.
    """
    return _text(value).encode("utf-8")


def text_to_sign(kind: str, value: Json) -> bytes:
    """The bytes that a signature covers: `sluiceway/KIND`, a zero byte, and the canonical JSON of the value."""
    return f"sluiceway/{kind}\0".encode() + canonical(value)


def _text(value: Json) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > MAX_INTEGER:
                raise ValueError(f"{value} is beyond what every reader of JSON keeps exactly")
            return str(value)
        case float():
            raise ValueError(f"{value!r} is a fraction; canonical JSON here holds integers only")
        case Mapping():
            keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in keys) + "}"
        case Sequence():
            return "[" + ",".join(_text(item) for item in value) + "]"
    raise ValueError(f"{type(value).__name__} has no JSON")
