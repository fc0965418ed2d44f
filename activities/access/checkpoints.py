"""Checkpoints of the audit: made each minute or each 1,000 entries, signed by the signer, kept by witnesses."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from activities.access.audit_store import CHECKPOINTS, ENTRIES, AuditStore, damaged
from activities.authority.port import CheckpointSigner
from activities.storage.database import Database, Values
from domain.access import merkle
from domain.access.checkpoint import Growth, TreeHead
from domain.access.signed_note import verified
from domain.core.errors import RefusedError

EVERY_S, MOST_ENTRIES = 60.0, 1_000
_NEWEST = select(CHECKPOINTS).order_by(CHECKPOINTS.c.size.desc()).limit(1)
_ALL = select(CHECKPOINTS).order_by(CHECKPOINTS.c.size)
_MADE = select(ENTRIES.c.at_ms).where(ENTRIES.c.seq == bindparam("seq"))


@dataclass(frozen=True)
class StoredCheckpoint:
    """A row, which whoever has the database may have changed: `note` is what is signed."""

    size: int
    root: str
    """Base64."""
    note: str
    at: float
    """Seconds since the epoch."""


class CheckpointTable:
    """Checkpoints as they lie in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.insert(CHECKPOINTS).on_conflict_do_nothing(index_elements=["size"])

    def newest(self) -> StoredCheckpoint | None:
        """The largest one; None: there is none yet."""
        rows = self._database.select(_NEWEST)
        return StoredCheckpoint(**rows[0]) if rows else None

    def all(self) -> Iterator[StoredCheckpoint]:
        """By size."""
        for row in self._database.stream(_ALL):
            yield StoredCheckpoint(**row)

    def add(self, one: StoredCheckpoint) -> None:
        """One of the same size stays as it is."""
        row: Values = {"size": one.size, "root": one.root, "note": one.note, "at": one.at}
        self._database.execute(self._add, row)

    def made_at(self, seq: int) -> float:
        """When an entry was made, in seconds since the epoch; 0: there is none of this number."""
        rows = self._database.select(_MADE, seq=seq)
        return float(rows[0]["at_ms"]) / 1000 if rows else 0.0


class Checkpoints:
    """Has the log signed as it grows."""

    def __init__(self, database: Database, signer: CheckpointSigner, clock: Callable[[], float] = time.time) -> None:
        self._signer, self._clock = signer, clock
        self.table, self._store = CheckpointTable(database), AuditStore(database)

    def due(self) -> bool:
        """Whether 1,000 entries are not covered, or one of a minute ago; or whether entries are gone, which is told."""
        newest = self.table.newest()
        covered, size = newest.size if newest else 0, self._store.size()
        if size < covered or size - covered >= MOST_ENTRIES:
            return True
        return size > covered and self._clock() - self.table.made_at(covered) >= EVERY_S

    def make(self) -> StoredCheckpoint | None:
        """A checkpoint of the log as it is now; the last one, where nothing is new; None: the log is empty.

        Raises:
            SluicewayError: SLW010, the signer does not answer; SLW481, the stored tree is damaged.
            RefusedError: SLW482, the log is not the one that was signed before.
        """
        public, last = self._signer.audit_key(), self._signer.checkpointed()
        known = self._kept(last, public) if last else None
        old, size = known.size if known else 0, self._store.size()
        if size == old:
            return known
        if size < old:
            why = f"the log has {size} entries, and a checkpoint of {old} is signed: its end was cut off"
            raise RefusedError("SLW482", "this is not the log that was signed before", why=why)
        return self._kept(self._signer.checkpoint(self._growth(old, size)), public)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        """That the log of `size` begins with that of `old`.

        Raises:
            SluicewayError: SLW481, the stored tree is damaged.
            ValueError: the log has no such sizes.
        """
        if size > self._store.size():
            raise ValueError(f"the log has fewer than {size} entries")
        try:
            with self._store.reading() as at:
                return tuple(merkle.consistency(at, old, size))
        except LookupError as missing:
            raise damaged(str(missing)) from missing

    def _growth(self, old: int, size: int) -> Growth:
        try:
            with self._store.reading() as at:
                return Growth(size, merkle.root(at, size), old, tuple(merkle.consistency(at, old, size)))
        except LookupError as missing:
            raise damaged(str(missing)) from missing

    def _kept(self, text: str, public: bytes) -> StoredCheckpoint:
        head = verified(text, public).head
        made = StoredCheckpoint(head.size, base64.b64encode(head.root).decode(), text, self._clock())
        self.table.add(made)
        return made


def head_of(one: StoredCheckpoint, public: bytes) -> TreeHead:
    """What a stored checkpoint says, with its columns compared.

    Raises:
        SluicewayError: SLW481, it is not what was signed.
    """
    head = verified(one.note, public).head
    if (head.size, base64.b64encode(head.root).decode()) != (one.size, one.root):
        raise damaged(f"the columns of checkpoint {one.size} are not what its note says")
    return head
