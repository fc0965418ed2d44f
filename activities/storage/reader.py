"""Reads records wherever they lie: a file through the standard library, a server through SQLAlchemy."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from activities.storage.schema import Rows
from activities.storage.sqlite_reader import SqliteReader
from domain.core.documents import Object

if TYPE_CHECKING:
    from activities.storage.database import Database


def reader_of(place: Path | str) -> Rows:
    """Of a file, or of a database URL; opened at the first query."""
    return SqliteReader(place) if isinstance(place, Path) else ServerReader(place)


class ServerReader:
    """`Rows` of a database server. Its schema is migrated first."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def is_sqlite(self) -> bool:
        """Servers are PostgreSQL."""
        return self._database.is_sqlite

    def rows(self, query: str, **values: str | float) -> list[Object]:
        """Runs a query.

        Raises:
            SluicewayError: SLW806, created by a newer engine; SLW807, it cannot be opened.
        """
        return self._database.rows(query, **values)

    @cached_property
    def _database(self) -> Database:
        from activities.storage.opening import open_database

        return open_database(self._url)
