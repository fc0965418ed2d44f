"""Frozen domain values to JSON and back, the same way for the store, the records and Temporal payloads."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

from domain.core.values import Json

T = TypeVar("T")


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}  # each of its own key's type, which no type of a dictionary can say


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dump(value: T, kind: type[T] | None = None, exclude_defaults: bool = False) -> bytes:
    """`kind`: the type of a value without a class of its own, such as a tuple of findings."""
    return _adapter(kind or type(value)).dump_json(value, exclude_defaults=exclude_defaults)


def load(kind: type[T], data: bytes | str) -> T:
    """A value from JSON.

    Raises:
        ValueError: the data does not match the type.
    """
    return _adapter(kind).validate_json(data)


def dump_plain(value: T, *, exclude_defaults: bool = False) -> Json:
    """The value as JSON types: what `json.loads` gives for its dump."""
    plain: Json = json.loads(dump(value, exclude_defaults=exclude_defaults))
    return plain
