"""Plain values as JSON, read and written without pydantic, whose import is a quarter of what a command costs.

Plain is what most messages are made of: texts, numbers, string enums, lists, and dataclasses of those. What is not, or
does not fit its type, goes to pydantic, so that the answer, or the complaint, is the same as a worker's.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.core.values import Json


class NotPlainError(ValueError):
    """Pydantic must read or write this value."""


def dump(value: Any) -> bytes:
    """Raises:
    NotPlainError: part of the value is neither JSON nor a dataclass.
    """
    try:
        return json.dumps(value, default=_fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as other:
        raise NotPlainError(str(other)) from other


def _fields(value: Any) -> dict[str, Any]:
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise NotPlainError(type(value).__name__)
    return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}


def load(data: bytes, kind: Any) -> Any:
    """A value of the type that `kind` describes.

    Raises:
        NotPlainError: the type is not plain, or the data does not fit it.
    """
    try:
        return _read(json.loads(data), kind)
    except (TypeError, ValueError, NameError) as other:
        raise NotPlainError(str(other)) from other


def _read(value: Json, kind: Any) -> Any:
    if kind is Any:
        return value
    if kind in (str, int, bool, types.NoneType):
        return _need(value, type(value) is kind)
    if kind is float:
        return float(_need(value, type(value) in (int, float)))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _read_dataclass(_need(value, isinstance(value, dict)), kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(_need(value, isinstance(value, str)))
    return _read_generic(value, get_origin(kind), get_args(kind))


def _read_generic(value: Json, origin: Any, of: tuple[Any, ...]) -> Any:
    if origin is tuple and of[1:] == (...,):
        return tuple(_read(one, of[0]) for one in _need(value, isinstance(value, list)))
    if origin is list:
        return [_read(one, of[0]) for one in _need(value, isinstance(value, list))]
    if origin is dict and of[0] is str:
        return {key: _read(one, of[1]) for key, one in _need(value, isinstance(value, dict)).items()}
    if origin in (Union, types.UnionType) and len(of) == 2 and types.NoneType in of:
        return None if value is None else _read(value, of[of[0] is types.NoneType])
    raise NotPlainError(f"{origin}")


def _read_dataclass(values: dict[str, Json], kind: type) -> Any:
    hints = _hints(kind)
    known = {name: _read(values[name], hints[name]) for name in _names(kind) if name in values}
    return kind(**known)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in dataclasses.fields(kind))


def _need(value: Any, fits: bool) -> Any:
    if not fits:
        raise NotPlainError(type(value).__name__)
    return value
