"""Checkpoints in the object store: a witness that whoever rewrites the database does not reach by that."""

from __future__ import annotations

from collections.abc import Iterator

from activities.storage.port import CORRUPT, MISSING, Store, Stored
from domain.access.checkpoint import ORIGIN, read_note
from domain.access.signed_note import verified
from domain.access.verification import Mark
from domain.core.errors import SluicewayError

BYTES = range(227, 243)
"""Of a note by the log's own key: only the digits of its size differ."""
WITNESS = "the object store"


def may_be_checkpoint(one: Stored) -> bool:
    """By its length: few objects have to be read."""
    return one.size_bytes in BYTES


def is_checkpoint(data: bytes) -> bool:
    """Whether this is the form of a checkpoint, by whatever key."""
    try:
        return read_note(data.decode()).head.origin.startswith(ORIGIN)
    except ValueError:
        return False


def archived(store: Store, public: bytes) -> Iterator[Mark]:
    """What the store has kept of the log that this key signs.

    Raises:
        SluicewayError: SLW804 or SLW805, the store cannot be read.
    """
    for one in store.objects():
        if may_be_checkpoint(one) and (data := _read(store, one.digest)) and is_checkpoint(data):
            try:
                head = verified(data.decode(), public).head
            except SluicewayError:
                continue  # of another home that shares the store, or anybody's bytes
            yield Mark(WITNESS, head.size, head.root)


def _read(store: Store, digest: str) -> bytes:
    try:
        return store.get(digest)
    except SluicewayError as broken:
        if broken.code in (MISSING, CORRUPT):
            return b""
        raise
