"""Which schema of the records this code knows, and what reads rows: without SQLAlchemy, for commands that list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from domain.core.errors import SluicewayError

SCHEMA = "0001"
"""The last revision in `migrations/versions`. Revisions are numbers of four digits: a later one sorts behind."""
VERSION = "select version_num from alembic_version"


class Rows(Protocol):
    """Reads with portable SQL: names in it are written `:name`, as SQLite and SQLAlchemy both know them."""

    def rows(self, query: str, **values: str | float) -> list[Mapping[str, Any]]:
        """Column to value, of each row."""
        ...


def is_current(version: str | None, where: str) -> bool:
    """Whether records of this schema can be used as they are; if not, they are to be migrated.

    Raises:
        SluicewayError: SLW806, a newer engine has made them.
    """
    if version is not None and version > SCHEMA:
        why = f"their schema is {version}, and this engine knows {SCHEMA}"
        fix = "upgrade this engine, or restore the copy of the records that lies beside them"
        raise SluicewayError("SLW806", "the records belong to a newer engine", where=where, why=why, fix=fix)
    return version == SCHEMA
