"""A condition that comes from elsewhere, for the WHERE clause of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Condition:
    """SQL with `:name` parameters, and these; it says of each row whether it is in the list."""

    sql: str = "1 = 1"
    values: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
