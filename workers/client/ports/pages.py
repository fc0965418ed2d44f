"""Lists come in pages, by the key of their last row: none is without a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MOST = 200


@dataclass(frozen=True)
class PageOf:
    """Which part of a list is asked for."""

    after: str = ""
    """What the page before gave as `next`; empty: the first page."""
    limit: int = 50
    """1 to 200."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, in its order."""

    items: tuple[T, ...]
    next: str = ""
    """Opaque: what to ask for after it, under the same filter; empty: this is the last one."""
    as_of: float = 0
    """When it was read, in seconds since the epoch."""
