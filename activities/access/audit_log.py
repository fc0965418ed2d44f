"""The audit log: events get numbers and a place in the tree, in the transaction of what they are about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from activities.access.audit_queries import AuditQueries, Sought
from activities.access.audit_store import AuditStore, damaged
from activities.storage.database import Database
from domain.access.audit import AuditEntry, AuditEvent, AuditKind
from domain.core.digests import sha256
from domain.core.documents import Node
from domain.core.errors import SluicewayError


class AuditLog:
    """One for each process and database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self.store = AuditStore(database)

    def record(self, event: AuditEvent) -> int:
        """In a transaction of its own.

        Raises:
            SluicewayError: SLW480, it cannot be kept.
        """
        try:
            with self._database.write() as connection:
                return self.record_in(connection, event)
        except SQLAlchemyError as broken:
            why = f"{type(broken).__name__}: {str(broken)[:300]}"
            raise SluicewayError("SLW480", "the audit cannot be written", why=why, transient=True) from broken

    def record_in(self, connection: Connection, event: AuditEvent) -> int:
        """In the transaction of the change that the event is about: `with database.write() as connection`.

        Both are kept or neither. The transaction holds the log's end until it ends: do it last, and be short.

        Raises:
            SluicewayError: SLW481, the tree is damaged.
        """
        seq, before_ms = self.store.last(connection)
        entry = AuditEntry(seq + 1, max(before_ms, int(self._clock() * 1000)), event)
        try:
            self.store.append(connection, entry)
        except LookupError as missing:
            raise damaged(str(missing)) from missing
        except IntegrityError as there:
            raise damaged(f"something stands already where entry {entry.seq} belongs") from there
        return entry.seq

    def recordings(self) -> Iterator[tuple[str, float]]:
        """Digests of recordings of sessions in pods, and when each ended, in seconds since the epoch.

        Raises:
            SluicewayError: SLW481, an entry about one was changed.
        """
        for entry in AuditQueries(self._database).every(Sought(kind=AuditKind.EXEC)):
            if digest := Node(entry.event.details)["recording"].text():
                yield digest, entry.at_ms / 1000

    def stored(self) -> Iterator[str]:
        """Digests of what the store keeps for the audit for ever: checkpoints."""
        for note in self.store.notes():
            yield sha256(note.encode())
