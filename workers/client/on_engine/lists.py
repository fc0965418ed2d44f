"""Pages of rows that the caller may read: the condition is in the query, and what it cannot say is asked row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from activities.storage.condition import Condition
from domain.access.resource import Resource
from workers.client.guard import Readable
from workers.client.paging import Key

T = TypeVar("T")
CHUNK = 200
MOST_CHUNKS = 20
"""So many rows are looked at for one page; where few of them can be read, a page is short and says what follows."""


def condition_of(readable: Readable, columns: Mapping[str, str]) -> Condition:
    """For the query of a list."""
    if readable.everything:
        return Condition()
    sql, values = readable.where(columns)
    return Condition(sql=f"({sql})", values=values)


def page_of(
    readable: Readable,
    look: Callable[[Key | None, int], Sequence[T]],
    key: Callable[[T], Key],
    resource: Callable[[T], Resource],
    after: Key | None,
    limit: int,
) -> tuple[list[T], Key | None]:
    """The rows of a page, and the key of its last one if more follow. `look`: rows after a key, at most so many."""
    exact = readable.everything or readable.exact
    found: list[T] = []
    for _ in range(1 if exact else MOST_CHUNKS):
        wanted = limit + 1 if exact else CHUNK
        rows = look(after, wanted)
        kept = (True,) * len(rows) if exact else readable.keep([resource(row) for row in rows])
        for row, may in zip(rows, kept, strict=True):
            if may and len(found) == limit:
                return found, key(found[-1])
            found += [row] if may else []
        if len(rows) < wanted:
            return found, None
        after = key(rows[-1])
    return found, after
