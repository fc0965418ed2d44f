"""The database of the records: SQLite in the home, or PostgreSQL by the same statements.

One `Database` per process: threads share its pool of connections. SQLite is in write-ahead mode: the worker writes, the
command line reads at the same time, and those who write wait for each other up to half a minute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Executable,
    MetaData,
    RowMapping,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from activities.storage.schema import VERSION

METADATA = MetaData()
"""Each store adds the tables that it owns."""
BUSY_S = 30
MIGRATION_LOCK = 5_411_062
"""PostgreSQL's advisory lock of who migrates: any number that nobody else takes."""
PAGE = 1_000

Values = Mapping[str, Any]
"""Column or parameter to its value, as SQLAlchemy takes them."""


class Database:
    """Every write is one transaction."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        arguments = {"timeout": BUSY_S, "isolation_level": None, "check_same_thread": False} if self.is_sqlite else {}
        # no limit: a thread that waits for a connection while it holds one would wait for itself
        self._engine = create_engine(url, poolclass=QueuePool, max_overflow=-1, connect_args=arguments)
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare)

    @property
    def where(self) -> str:
        """For messages: no password."""
        return self.url.database or "" if self.is_sqlite else self.url.render_as_string()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction. In SQLite it begins as a writer, so that it waits for others instead of failing."""
        with self._engine.begin() as connection:
            if self.is_sqlite:
                # a transaction that begins as a reader cannot wait for another writer any more
                connection.exec_driver_sql("begin immediate")
            yield connection

    def execute(self, statement: Executable, values: Values | Sequence[Values] = ()) -> CursorResult[Any]:
        """One statement that writes; with several values it is one transaction for all of them."""
        with self.write() as connection:
            return connection.execute(statement, values or None)

    def select(self, statement: Executable, **values: str | float) -> Sequence[RowMapping]:
        """All rows at once, by the names of their columns."""
        with self._engine.connect() as connection:
            return connection.execute(statement, values).mappings().all()

    def stream(self, statement: Executable) -> Iterator[RowMapping]:
        """Of tables that may be long: by page."""
        with (
            self._engine.connect() as connection,
            connection.execution_options(yield_per=PAGE).execute(statement) as result,
        ):
            yield from result.mappings()

    def rows(self, query: str, **values: str | float) -> list[Mapping[str, Any]]:
        """As `select`, for SQL text with `:name` parameters."""
        with self._engine.connect() as connection:
            return [row._asdict() for row in connection.execute(_prepared(query), values)]

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, which are not standard SQL."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def version(self) -> str | None:
        """The revision of its schema; None: nothing was migrated yet."""
        try:
            found = self.rows(VERSION)
        except (OperationalError, ProgrammingError) as missing:
            if "alembic_version" in str(missing.orig):
                return None
            raise
        return str(found[0]["version_num"]) if found else None

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """Nobody else writes or migrates meanwhile."""
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            yield connection

    def close(self) -> None:
        """Closes the pooled connections; used again, it opens new ones."""
        self._engine.dispose()


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")


_prepared = lru_cache(text)
