"""How many objects there are: changed by exactly what a transaction does to the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Table, and_, bindparam, delete

from activities.inventory.tables import COUNTS, TOTALS
from activities.inventory.upserts import adding
from activities.storage.database import Database

AMOUNTS = ("number", "cpu_m", "memory_mb")
BY = {COUNTS: ("cluster", "kind", "namespace", "status", "health"), TOTALS: ("cluster", "kind", "status", "health")}
Values = Mapping[str, Any]


class Counting:
    """Of one transaction."""

    def __init__(self) -> None:
        self._changes: dict[Table, dict[tuple[Any, ...], Counter[str]]] = {table: {} for table in BY}

    def add(self, row: Values, sign: int) -> None:
        """`sign`: 1, the row is there now; -1: it is not any more."""
        for table, names in BY.items():
            key = tuple(row[name] for name in names)
            found = self._changes[table].setdefault(key, Counter())
            found["number"] += sign
            found["cpu_m"] += sign * row["cpu_m"]
            found["memory_mb"] += sign * row["memory_mb"]

    def write(self, connection: Connection, database: Database) -> None:
        """At the end of the transaction."""
        for table, names in BY.items():
            changes = sorted(self._changes[table].items())  # in one order: two writers do not wait for each other
            rows = [dict(zip(names, key, strict=True)) | _amounts(by) for key, by in changes if any(by.values())]
            if rows:
                connection.execute(adding(database, table, AMOUNTS), rows)
            fewer = [row for row in rows if row["number"] < 0]
            if fewer:
                connection.execute(_EMPTY[table], [{f"of_{name}": row[name] for name in names} for row in fewer])


def _amounts(by: Mapping[str, int]) -> dict[str, int]:
    return {name: by.get(name, 0) for name in AMOUNTS}


def _none_left(table: Table, names: Sequence[str]) -> Executable:
    of = (table.c[name] == bindparam(f"of_{name}") for name in names)
    return delete(table).where(and_(*of, table.c.number == 0))


_EMPTY = {table: _none_left(table, names) for table, names in BY.items()}
