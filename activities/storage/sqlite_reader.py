"""Reads a home's records through the standard library, for commands that list.

Loading SQLAlchemy would take longer than such a command may take. Records that need a migration are migrated first.
"""

from __future__ import annotations

import sqlite3
from functools import cached_property
from pathlib import Path

from activities.storage.schema import VERSION, is_current
from domain.core.documents import Object

BUSY_S = 30


class SqliteReader:
    """`Rows` of a file. A home without records has no rows, and reading creates no file."""

    is_sqlite = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, query: str, **values: str | float) -> list[Object]:
        """Runs a query.

        Raises:
            SluicewayError: SLW806, created by a newer engine; SLW807, they cannot be opened.
        """
        if not self._path.exists():
            return []
        return [dict(row) for row in self._connection.execute(query, values)]

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if not is_current(_version(connection), str(self._path)):
            from activities.storage.opening import open_database

            open_database(self._path).close()
        return connection


def _version(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute(VERSION).fetchone()
    except sqlite3.DatabaseError:  # missing, or not a database: opening it reports which
        return None
    return str(row["version_num"]) if row else None
