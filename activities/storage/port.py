"""The port of the content-addressed store: logs, reports, artifacts, caches and plans by the SHA-256 of their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MISSING, CORRUPT, FULL, AWAY, DENIED = "SLW801", "SLW802", "SLW803", "SLW804", "SLW805"


@dataclass(frozen=True)
class Stored:
    """An object as a listing of the store shows it."""

    digest: str
    size_bytes: int
    written_at: float
    """Seconds since the epoch; of the last time that somebody stored it."""


class Store(Protocol):
    """The same bytes are one object, and an object never changes. Storing them again makes it young again.

    What is read was checked against its digest; what was not written to its end is not there. Raises SluicewayError:
    SLW801 missing, SLW802 not what was stored, SLW803 full, SLW804 away, slow or cut off, SLW805 not allowed.
    """

    def has(self, digest: str) -> bool:
        """Whether the object is there; its bytes are not checked."""
        ...

    def put(self, data: bytes) -> str:
        """The digest: SHA-256 in hexadecimal."""
        ...

    def put_file(self, source: Path) -> str:
        """As `put`, without the whole file in memory."""
        ...

    def get(self, digest: str) -> bytes:
        """All bytes in memory; for what may be big, `local`."""
        ...

    def local(self, digest: str) -> Path:
        """A file on this machine with the object's bytes. The store's own: read only, and gone some day."""
        ...

    def delete(self, digest: str, older_than: float) -> bool:
        """Removes the object unless it was stored again at or after the time; whether it is gone."""
        ...

    def objects(self) -> Iterator[Stored]:
        """All objects, in no particular order."""
        ...
