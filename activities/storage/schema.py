"""The records' schema version, and the interface for reading rows: without SQLAlchemy, for commands that list."""

from __future__ import annotations

from typing import Protocol

from domain.core.documents import Object
from domain.core.errors import SluicewayError

SCHEMA = "0005"
"""The last revision in `migrations/versions`. Revisions have four digits, so they sort."""
VERSION = "select version_num from alembic_version"


class Rows(Protocol):
    """Reads with portable SQL: parameters are written `:name`, as in SQLite and SQLAlchemy."""

    @property
    def is_sqlite(self) -> bool:
        """For the little that is not portable; else it is PostgreSQL."""
        ...

    def rows(self, query: str, **values: str | float) -> list[Object]:
        """Column to value, of each row."""
        ...


def is_current(version: str | None, where: str) -> bool:
    """Whether records of this schema are usable as they are; otherwise they must be migrated.

    Raises:
        SluicewayError: SLW806, created by a newer engine.
    """
    if version is not None and version > SCHEMA:
        why = f"their schema is {version}, and this engine knows {SCHEMA}"
        fix = "upgrade this engine, or restore the copy of the records that lies beside them"
        raise SluicewayError("SLW806", "the records belong to a newer engine", where=where, why=why, fix=fix)
    return version == SCHEMA
