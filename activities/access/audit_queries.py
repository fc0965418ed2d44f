"""Reads the audit by filters, newest or oldest first, without looking at what does not match where an index helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import RowMapping, Select, or_, select

from activities.access.audit_store import ENTRIES, damaged
from activities.storage.database import Database
from domain.access.audit import AuditEntry, AuditEvent, AuditKind, AuditOutcome, entry_of

PART = 1_000
_BY_TIME = (ENTRIES.c.at_ms, ENTRIES.c.seq)


_READ = (ENTRIES.c.seq, ENTRIES.c.at_ms, ENTRIES.c.body)
Row = tuple[int, int, str]


@dataclass(frozen=True)
class Unreadable(AuditEntry):
    """In place of an entry that is not as it was written: its number and time are those of its row."""


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

    A page shows an entry that was changed as `Unreadable`, and goes on; `audit verify` says what is wrong with it.
    Whatever works with what entries say stops there: `every` and `one` raise SluicewayError SLW481.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, sought: Sought, before: int | None, limit: int) -> list[AuditEntry]:
        """Entries with numbers below `before`, the newest first; None: from the end."""
        query = self._narrowed(sought)
        if before is not None:
            query = query.where(ENTRIES.c.seq < before)
        return self._page(query.order_by(ENTRIES.c.seq.desc()), limit)

    def oldest(self, sought: Sought, first: int, limit: int) -> list[AuditEntry]:
        """Entries from number `first` on, in order."""
        query = self._narrowed(sought).where(ENTRIES.c.seq >= first)
        return self._page(query.order_by(ENTRIES.c.seq), limit)

    def every(self, sought: Sought) -> Iterator[AuditEntry]:
        """All that match, in order, in parts."""
        first = 0
        while part := self.oldest(sought, first, PART):
            yield from map(_whole, part)
            first = part[-1].seq + 1

    def one(self, seq: int) -> AuditEntry | None:
        """None: there is none of this number."""
        found = self._page(select(*_READ).where(ENTRIES.c.seq == seq), 1)
        return _whole(found[0]) if found else None

    def _page(self, query: Select[Row], limit: int) -> list[AuditEntry]:
        return [_read(row) for row in self._database.select(query.limit(limit))]

    def _narrowed(self, sought: Sought) -> Select[Row]:
        query = select(*_READ)
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


def _read(row: RowMapping) -> AuditEntry:
    try:
        return entry_of(str(row["body"]).encode())
    except ValueError:
        nothing = AuditEvent(kind=AuditKind.OUTCOME, outcome=AuditOutcome.FAILED, actor="")
        return Unreadable(int(row["seq"]), int(row["at_ms"]), nothing)


def _whole(entry: AuditEntry) -> AuditEntry:
    if isinstance(entry, Unreadable):
        raise damaged(f"entry {entry.seq} is not as it was written")
    return entry
