"""The database of the records: SQLite in the home, or PostgreSQL with the same statements.

One `Database` per process with a connection pool for all threads. SQLite uses write-ahead logging: the worker writes
while the command line reads; writers wait for each other up to half a minute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import (
    URL,
    Connection,
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
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from activities.storage.schema import VERSION
from domain.core.documents import Object

METADATA = MetaData()
"""Each store adds its own tables."""
BUSY_S = 30
MIGRATION_LOCK = 5_411_062
"""PostgreSQL's advisory lock for migrations: an arbitrary unique number."""
PAGE = 1_000

Values = Mapping[str, str | int | float | bytes | None]
"""Column or parameter to its value, as SQLAlchemy takes them."""


class Database:
    """Every write is one transaction."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        arguments = {"timeout": BUSY_S, "isolation_level": None, "check_same_thread": False} if self.is_sqlite else {}
        # unlimited: a thread that waits for a connection while holding one would deadlock
        # parameters stay out of errors, and so out of logs: hashes of passwords are among them
        self._engine = create_engine(
            url, poolclass=QueuePool, max_overflow=-1, connect_args=arguments, hide_parameters=True
        )
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare)

    @property
    def where(self) -> str:
        """For messages: without the password."""
        return self.url.database or "" if self.is_sqlite else self.url.render_as_string()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction. On SQLite it starts as a writer, so it waits for others instead of failing."""
        with self._engine.begin() as connection:
            if self.is_sqlite:
                # a transaction that starts as a reader cannot wait for another writer later
                connection.exec_driver_sql("begin immediate")
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """For several reads in a row."""
        with self._engine.connect() as connection:
            yield connection

    def execute(self, statement: Executable, values: Values | Sequence[Values] = ()) -> None:
        """One writing statement; several parameter sets run in one transaction."""
        with self.write() as connection:
            connection.execute(statement, values or None)

    def select(self, statement: Executable, **values: str | float) -> Sequence[RowMapping]:
        """All rows at once, by column name."""
        with self._engine.connect() as connection:
            return connection.execute(statement, values).mappings().all()

    def stream(self, statement: Executable) -> Iterator[RowMapping]:
        """Rows of a long table, page by page."""
        with (
            self._engine.connect() as connection,
            connection.execution_options(yield_per=PAGE).execute(statement) as result,
        ):
            yield from result.mappings()

    def rows(self, query: str, **values: str | float) -> list[Object]:
        """Like `select`, for SQL text with `:name` parameters."""
        with self._engine.connect() as connection:
            found = connection.execute(_prepared(query), values)
            names = tuple(found.keys())  # once for all rows: a row's own mapping costs more than to fetch it
            return [dict(zip(names, row, strict=True)) for row in found.all()]

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`, which are not standard SQL."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def version(self) -> str | None:
        """The revision of its schema; None: never migrated."""
        try:
            found = self.rows(VERSION)
        except (OperationalError, ProgrammingError) as missing:
            if "alembic_version" in str(missing.orig):
                return None
            raise
        return str(found[0]["version_num"]) if found else None

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """Excludes other writers and migrations while the block runs."""
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            yield connection

    def close(self) -> None:
        """Closes pooled connections; later use opens new ones."""
        self._engine.dispose()


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    try:
        _set_pragmas(connection)
    except sqlite3.OperationalError:
        # another process switches a new file to write-ahead logging at this moment; SQLite does not wait for that
        locked = retry_if_exception_type(sqlite3.OperationalError)
        Retrying(retry=locked, stop=stop_after_delay(BUSY_S), wait=wait_fixed(0.02), reraise=True)(
            _set_pragmas, connection
        )


def _set_pragmas(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")


_prepared = lru_cache(text)
