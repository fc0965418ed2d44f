"""The port of the content-addressed store: logs, reports, artifacts, caches and plans by SHA-256."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MISSING, CORRUPT, FULL, AWAY, DENIED = "SLW801", "SLW802", "SLW803", "SLW804", "SLW805"


@dataclass(frozen=True)
class Stored:
    """A listed object."""

    digest: str
    size_bytes: int
    written_at: float
    """When it was last stored, in seconds since the epoch."""


class Store(Protocol):
    """Equal bytes are one immutable object. Storing them again renews its time.

    Reads verify the digest; incomplete writes are invisible. Raises SluicewayError: SLW801 missing, SLW802 corrupt,
    SLW803 full, SLW804 unavailable, slow or interrupted, SLW805 forbidden.
    """

    def has(self, digest: str) -> bool:
        """Whether the object exists; its content is not verified."""
        ...

    def put(self, data: bytes) -> str:
        """Stores bytes; returns their SHA-256 in hexadecimal."""
        ...

    def put_file(self, source: Path) -> str:
        """Like `put`, without loading the whole file."""
        ...

    def get(self, digest: str) -> bytes:
        """All bytes in memory; use `local` for big objects."""
        ...

    def local(self, digest: str) -> Path:
        """A local file with the object's bytes. It belongs to the store: read-only, and temporary."""
        ...

    def delete(self, digest: str, older_than: float) -> bool:
        """Deletes the object unless it was stored again at or after that time; returns whether it is gone."""
        ...

    def objects(self) -> Iterator[Stored]:
        """All objects, unordered."""
        ...
