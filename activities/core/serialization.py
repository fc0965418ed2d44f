"""Frozen domain values to JSON and back, the same way for the store, the records and Temporal payloads."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dump(value: Any, kind: Any = None, exclude_defaults: bool = False) -> bytes:
    """`kind`: the type of a value without a class of its own, such as a tuple of findings."""
    return _adapter(kind or type(value)).dump_json(value, exclude_defaults=exclude_defaults)


def load(kind: type[T], data: bytes | str) -> T:
    """A value from JSON.

    Raises:
        ValueError: the data does not match the type.
    """
    value: T = _adapter(kind).validate_json(data)
    return value


def dump_plain(value: Any) -> Any:
    """The value as JSON types: what `json.loads` gives for its dump."""
    return json.loads(dump(value))
