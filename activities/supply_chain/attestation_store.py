"""The table of attestations: envelope by object."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Table, Text, bindparam, select

from activities.storage.database import METADATA, Database

ATTESTATIONS = Table(
    "attestations",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)
_ALL = select(ATTESTATIONS)
_ONE = _ALL.where(ATTESTATIONS.c.subject == bindparam("subject"), ATTESTATIONS.c.kind == bindparam("kind"))


@dataclass(frozen=True)
class AttestationRecord:
    """The last envelope of one kind about one object."""

    subject: str
    """Digest of the object that is attested."""
    kind: str
    digest: str
    """Of the signed envelope, in the store."""


class AttestationStore:
    """One row for each object and kind; saving replaces it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.insert(ATTESTATIONS)
        self._save = row.on_conflict_do_update(
            index_elements=["subject", "kind"], set_={"digest": row.excluded["digest"]}
        )

    def save(self, subject: str, kind: str, digest: str) -> None:
        """Replaces the previous one."""
        self._database.execute(self._save, {"subject": subject, "kind": kind, "digest": digest})

    def get(self, subject: str, kind: str) -> str:
        """Digest of the envelope about an object; empty when there is none."""
        rows = self._database.select(_ONE, subject=subject, kind=kind)
        return str(rows[0]["digest"]) if rows else ""

    def all(self) -> list[AttestationRecord]:
        """All rows, unordered."""
        return [AttestationRecord(**row) for row in self._database.select(_ALL)]
