"""Rows of the inventory as the tables have them, and back. What a database cannot hold is replaced."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from domain.core.documents import Node, Object
from domain.inventory.model import RANKED, EventRow, Health, ObjectRow

MOST_NUMBER = 10**12
"""Of a request or a count: a million rows of it still add up."""
Values = dict[str, Any]


def kept(text: str) -> str:
    """Without NUL and halves of surrogate pairs, which no database holds."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def values_of(row: ObjectRow) -> Values:
    """Column to value."""
    found: Values = {name: _value(getattr(row, name)) for name in _PLAIN}
    found["health"] = row.health.rank
    found["details"] = json.dumps(dict(row.details), separators=(",", ":"))
    return found


def values_of_event(event: EventRow) -> Values:
    """Column to value."""
    return {name: _value(getattr(event, name)) for name in _EVENT}


def _value(value: str | float) -> str | float:
    if isinstance(value, str):
        return kept(value)
    return max(-MOST_NUMBER, min(value, MOST_NUMBER))


def object_of(row: Object) -> ObjectRow:
    """Of a row of the objects."""
    found: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return ObjectRow(**found | {"health": health_of(row["health"]), "details": _details(row["details"])})


def event_of(row: Object) -> EventRow:
    """Of a row of the events."""
    found: dict[str, Any] = {name: row[name] for name in _EVENT}
    return EventRow(**found)


def health_of(rank: Any) -> Health:
    """By its rank, as rows have it."""
    return RANKED[int(rank)]


def _details(text: Any) -> Mapping[str, Any]:
    return dict(Node(json.loads(text or "{}")).object())


_PLAIN = tuple(field.name for field in fields(ObjectRow) if field.name not in ("health", "details"))
_EVENT = tuple(field.name for field in fields(EventRow))
