"""Which project something belongs to; what is in none is in `default`."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from activities.storage.database import METADATA, Database
from domain.access.resource import DEFAULT_PROJECT

MEMBERS = Table(
    "project_members",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("project", Text, nullable=False, index=True),
)


class ProjectStore:
    """Pipelines, repositories, environments, clusters and secrets, by their ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, subjects: Collection[str]) -> dict[str, str]:
        """By subject; those in the default project are left out."""
        query = select(MEMBERS).where(MEMBERS.c.subject.in_(sorted(subjects)))
        return {row["subject"]: row["project"] for row in self._database.select(query)}

    def any(self) -> bool:
        """Whether there is a project beside the default one."""
        return bool(self._database.select(select(MEMBERS.c.subject).limit(1)))

    def move(self, connection: Connection, subject: str, project: str) -> None:
        """Into a project."""
        connection.execute(delete(MEMBERS).where(MEMBERS.c.subject == subject))
        if project != DEFAULT_PROJECT:
            connection.execute(insert(MEMBERS), {"subject": subject, "project": project})
