"""The digest of a domain value. Equal specs have equal digests, whatever fields a later version of the engine adds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from domain.core.canonical import canonical
from domain.core.values import Json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Plain: TypeAlias = "str | float | bool | Sequence[Plain] | Mapping[str, Plain] | DataclassInstance | None"
"""A value of the domain: a dataclass of such, or JSON."""


def digest(value: Plain) -> str:
    """SHA-256 in hexadecimal of the canonical JSON of `plain(value)`."""
    return sha256(canonical(plain(value)))


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def plain(value: Plain) -> Json:
    """The value as JSON of integers only. A field with its default is left out; 0.2 becomes `{"float": "0.2"}`."""
    if value is None or isinstance(value, str | bool | int):
        return value if value is None or isinstance(value, bool | int) else str(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else {"float": repr(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [plain(each) for each in value]
    told = ((name, getattr(value, name), default) for name, default in _defaults(type(value)))
    return {name: plain(each) for name, each, default in told if not default or each != default[0]}


@cache
def _defaults(kind: type[DataclassInstance]) -> tuple[tuple[str, tuple[Plain, ...]], ...]:
    """Each field with its default; an empty tuple: it has none."""
    return tuple((each.name, _default(each)) for each in fields(kind))


def _default(of: Field[Plain]) -> tuple[Plain, ...]:
    if of.default_factory is not MISSING:
        return (of.default_factory(),)
    return () if of.default is MISSING else (of.default,)
