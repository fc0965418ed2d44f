"""Conditions of the inventory's queries: which clusters may be read, and which of these say nothing of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.inventory.model import Health
from domain.inventory.rollup import WAS_BAD

Value = str | int | float
LAST = "\U0010ffff"
"""Sorts behind every letter of a name."""
UNKNOWN = Health.UNKNOWN.rank


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Of one request."""

    names: tuple[str, ...] | None = None
    """Clusters that may be read; None: all of them."""
    unsure: tuple[str, ...] = ()
    """Of these, those that are not heard of: everything in them is unknown."""

    def of(self, cluster: str) -> Reach:
        """Only this one; empty: the same. None of it, where it may not be read."""
        if not cluster:
            return self
        may = self.names is None or cluster in self.names
        return Reach(names=(cluster,) if may else (), unsure=tuple(one for one in self.unsure if one == cluster))

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be found."""
        return self.names == ()


class Where:
    """The conditions of one query, and their values."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: dict[str, Value] = {}

    def put(self, value: Value) -> str:
        """A parameter."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def listed(self, values: Iterable[Value]) -> str:
        """Parameters in brackets; one that nothing equals, where there are none."""
        return f"({', '.join(map(self.put, values)) or 'null'})"

    def equal(self, column: str, value: str) -> None:
        """Empty: any."""
        if value:
            self.parts.append(f"{column} = {self.put(value)}")

    def among(self, column: str, values: Iterable[Value]) -> None:
        """One of these."""
        self.parts.append(f"{column} in {self.listed(values)}")

    def contains(self, column: str, text: str) -> None:
        """ASCII letters in any case. Empty: any."""
        self._like(f"lower({column})", text)

    def named(self, text: str) -> None:
        """Part of the name of an object, which Kubernetes takes in lower case alone: twice as fast. Empty: any."""
        self._like("name", text)

    def _like(self, column: str, text: str) -> None:
        if text:
            escaped = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
            self.parts.append(f"{column} like {self.put(f'%{escaped}%')} escape '!'")

    def begins(self, column: str, text: str) -> None:
        """As it stands, by an index."""
        self.parts.append(f"{column} >= {self.put(text)} and {column} < {self.put(text + LAST)}")

    def within(self, reach: Reach) -> None:
        """Only clusters that may be read."""
        if reach.names is not None:
            self.among("cluster", reach.names)

    def health(self, reach: Reach, word: str) -> None:
        """As it is now: one of `Health`, or `bad`; `was-bad`: as it was known last. Empty: any."""
        if not word:
            return
        if word == WAS_BAD:
            self.parts += [f"health >= {UNKNOWN}", "health > 0"]  # the index of what is not healthy
            return
        if word == "bad":
            self._or_unsure(reach, f"health >= {UNKNOWN}")
            return
        known = [one.rank for one in Health if one.value == word]
        rank = known[0] if known else -1
        if rank == UNKNOWN:
            self._or_unsure(reach, f"health = {UNKNOWN}")
            return
        self.parts.append(f"health = {rank}")
        if reach.unsure:
            self.parts.append(f"cluster not in {self.listed(reach.unsure)}")

    def _or_unsure(self, reach: Reach, sql: str) -> None:
        if reach.unsure:
            self.parts.append(f"({sql} or cluster in {self.listed(reach.unsure)})")
        else:
            self.parts += [sql, "health > 0"]  # the index of what is not healthy

    def now(self, reach: Reach, column: str = "health") -> str:
        """How a row is now, as a rank: an expression."""
        if not reach.unsure:
            return column
        return f"case when cluster in {self.listed(reach.unsure)} then {UNKNOWN} else {column} end"

    @property
    def sql(self) -> str:
        """All of them."""
        return " and ".join(self.parts) or "1 = 1"
