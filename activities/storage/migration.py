"""Migrates records to this code's schema, once, on first open, after copying a database file that has rows."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from activities.storage import new_home
from activities.storage.database import Database
from activities.storage.schema import SCHEMA, is_current

MIGRATIONS = Path(__file__).with_name("migrations")
_alembic = threading.Lock()
"""Alembic's connection is a global: one migration at a time per process."""


def migrate(database: Database, target: str = SCHEMA) -> None:
    """Atomic: an interrupted migration leaves the schema unchanged."""
    with _alembic, database.exclusive() as connection:
        # another process may have migrated while this one waited for the lock
        if is_current(database.version(), database.where):
            return
        if database.is_sqlite and inspect(connection).get_table_names():
            file = Path(database.url.database or "")
            copy_beside(file, target)
            file.chmod(0o600)
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, target)
        if not database.is_sqlite:
            sort_by_bytes(connection)


def sort_by_bytes(connection: Connection) -> None:
    """Texts of PostgreSQL are compared as those of SQLite, whatever language its server sorts by.

    Ranges of names, pages by key and the smaller of two texts would be others, and an index would serve no prefix
    (https://www.postgresql.org/docs/current/collation.html). Views and tables of others in the same schema, such as
    those of extensions, stay as they are.
    """
    columns = connection.execute(
        text(
            "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
            " and data_type = 'text' and collation_name is distinct from 'C' order by table_name"
        )
    )
    quoted, own = connection.dialect.identifier_preparer.quote, new_home.tables()
    for table, found in groupby((one for one in columns if one[0] in own), key=itemgetter(0)):
        changes = ", ".join(f'alter column {quoted(name)} type text collate "C"' for _, name in found)
        connection.exec_driver_sql(f"alter table {quoted(table)} {changes}")


def config() -> Config:
    """Alembic's settings without a file: the migrations are in this package."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return settings


def copy_beside(file: Path, schema: str) -> Path:
    """A consistent copy, also during reads and writes: `records.before-0001.20261128T081530Z.db`."""
    now = datetime.now(UTC)  # noqa: TID251  (a name for people)
    target = file.with_name(f"{file.stem}.before-{schema}.{now:%Y%m%dT%H%M%SZ}{file.suffix}")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    part.replace(target)
    return target
