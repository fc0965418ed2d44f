"""Opening the records of a home: its schema is brought up to date first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import DatabaseError

from activities.storage import new_home
from activities.storage.database import Database
from activities.storage.schema import is_current
from domain.core.errors import SluicewayError


def open_database(place: Path | str) -> Database:
    """A file, or a database URL; its schema is migrated first, after copying the file.

    Raises:
        SluicewayError: SLW806, created by a newer engine; SLW807, it cannot be opened.
    """
    database = Database(_url(place))
    try:
        if not is_current(database.version(), database.where) and not new_home.create(database):
            from activities.storage.migration import migrate  # Alembic is loaded only when needed

            migrate(database)
    except DatabaseError as broken:
        database.close()
        fix = "is the disk full, or the file another user's?" if database.is_sqlite else "is the server running?"
        raise SluicewayError(
            "SLW807", "the records cannot be opened", where=database.where, why=str(broken.orig), fix=fix
        ) from broken
    return database


def _url(place: Path | str) -> URL:
    if isinstance(place, str):
        return make_url(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    # never opened if it is there: to close a file ends all locks that SQLite has on it in this process (POSIX), and the
    # last one of other processes would then remove the log under its connections
    with contextlib.suppress(FileExistsError):
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return URL.create("sqlite", database=str(place))
