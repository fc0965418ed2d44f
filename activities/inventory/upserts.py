"""Statements that write a row whether it is there or not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.sql.dml import Insert

from activities.storage.database import Database


def replacing(database: Database, table: Table) -> Insert:
    """With new values."""
    row = database.insert(table)
    changed = {one.name: row.excluded[one.name] for one in table.columns if not one.primary_key}
    return row.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


def adding(database: Database, table: Table, amounts: Sequence[str]) -> Insert:
    """With these numbers added to what they were."""
    row = database.insert(table)
    changed = {name: table.c[name] + row.excluded[name] for name in amounts}
    return row.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
