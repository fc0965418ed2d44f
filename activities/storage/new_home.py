"""The schema of a new home as one script: the same as all migrations give, without loading Alembic."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import inspect

from activities.storage.database import Database

SCRIPT = Path(__file__).with_name("new_home.sql")
"""Made by `make docs` from the migrations; a test compares."""


def create(database: Database) -> bool:
    """Whether the database was empty, and now has the current schema. Two processes at once create it once."""
    if not database.is_sqlite:
        return False
    with database.exclusive() as connection:
        if inspect(connection).get_table_names():
            return False
        for statement in SCRIPT.read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    return True


def tables() -> frozenset[str]:
    """Names of all tables of the current schema."""
    return frozenset(re.findall(r'^CREATE TABLE "?(\w+)', SCRIPT.read_text("utf-8"), re.MULTILINE))


def script(database: Database) -> str:
    """The statements that make a database like this one, without its rows but for the version."""
    made = database.rows("select sql from sqlite_master where sql is not null order by rowid")
    version = f"INSERT INTO alembic_version VALUES('{database.version()}')"
    return ";\n".join([*(str(row["sql"]) for row in made), version]) + ";\n"
