"""Reads the audit by filters, newest or oldest first, without looking at what does not match where an index helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from activities.access.audit_store import ENTRIES, damaged
from activities.storage.database import Database
from domain.access.audit import AuditEntry, entry_of

PART = 1_000
_BY_TIME = (ENTRIES.c.at_ms, ENTRIES.c.seq)


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Empty fields filter nothing; times are milliseconds since the epoch."""

    kind: str = ""
    actor: str = ""
    """Also of entries that were made on their behalf."""
    action: str = ""
    resource: str = ""
    outcome: str = ""
    since_ms: int = 0
    until_ms: int = 0
    """0: no limit."""


class AuditQueries:
    """Times never go back in the log, so a time is a number: filters by time are ranges of the primary key.

    Raises of every method: SluicewayError SLW481, an entry was changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, sought: Sought, before: int | None, limit: int) -> list[AuditEntry]:
        """Entries with numbers below `before`, the newest first; None: from the end."""
        query = self._narrowed(sought)
        if before is not None:
            query = query.where(ENTRIES.c.seq < before)
        return self._entries(query.order_by(ENTRIES.c.seq.desc()), limit)

    def oldest(self, sought: Sought, first: int, limit: int) -> list[AuditEntry]:
        """Entries from number `first` on, in order."""
        query = self._narrowed(sought).where(ENTRIES.c.seq >= first)
        return self._entries(query.order_by(ENTRIES.c.seq), limit)

    def every(self, sought: Sought) -> Iterator[AuditEntry]:
        """All that match, in order, in parts."""
        first = 0
        while part := self.oldest(sought, first, PART):
            yield from part
            first = part[-1].seq + 1

    def one(self, seq: int) -> AuditEntry | None:
        """None: there is none of this number."""
        found = self._entries(select(ENTRIES.c.body).where(ENTRIES.c.seq == seq), 1)
        return found[0] if found else None

    def _entries(self, query: Select[tuple[str]], limit: int) -> list[AuditEntry]:
        rows = self._database.select(query.limit(limit))
        try:
            return [entry_of(str(row["body"]).encode()) for row in rows]
        except ValueError as changed:
            raise damaged("an entry is not as it was written") from changed

    def _narrowed(self, sought: Sought) -> Select[tuple[str]]:
        query = select(ENTRIES.c.body)
        for name in ("kind", "action", "resource", "outcome"):
            if value := getattr(sought, name):
                query = query.where(ENTRIES.c[name] == value)
        if sought.actor:
            query = query.where(or_(ENTRIES.c.actor == sought.actor, ENTRIES.c.on_behalf_of == sought.actor))
        if sought.since_ms:
            first = select(ENTRIES.c.seq).where(ENTRIES.c.at_ms >= sought.since_ms).order_by(*_BY_TIME).limit(1)
            query = query.where(ENTRIES.c.seq >= first.scalar_subquery())
        if sought.until_ms:
            before = select(ENTRIES.c.seq).where(ENTRIES.c.at_ms < sought.until_ms)
            last = before.order_by(*(one.desc() for one in _BY_TIME)).limit(1)
            query = query.where(ENTRIES.c.seq <= last.scalar_subquery())
        return query
