"""A condition that comes from elsewhere, for the WHERE clause of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_PARAMETER = re.compile(r":([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """SQL with `:name` parameters, and these; it says of each row whether it is in the list."""

    sql: str = "1 = 1"
    values: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


def either(one: Condition, other: Condition, which: str) -> Condition:
    """`one` for the rows of which the SQL of `which` holds, `other` for the rest. Their parameters stay apart."""
    names = {name: f"other_{name}" for name in other.values}
    sql = _PARAMETER.sub(lambda found: f":{names.get(found[1], found[1])}", other.sql)
    values = {**one.values, **{names[name]: value for name, value in other.values.items()}}
    return Condition(sql=f"(({which} and {one.sql}) or (not ({which}) and {sql}))", values=values)
