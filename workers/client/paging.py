"""Keyset pages: an opaque text names the last row of a page, and the list that it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from domain.core.errors import DefinitionError
from workers.client.ports.pages import MOST, PageOf

Key = tuple[str | int | float, ...]
"""What a list is sorted by, of one row; the last part makes it unique."""
MAX_AFTER = 2_000
"""Characters of `PageOf.after`: keys hold names, which are short."""


def limit_of(page: PageOf) -> int:
    """Raises:
    DefinitionError: SLW479, it is not 1 to 200.
    """
    if not 1 <= page.limit <= MOST:
        raise DefinitionError("SLW479", f"a page has 1 to {MOST} rows, not {page.limit}")
    return page.limit


def after_of(page: PageOf, shape: Sequence[type[str] | type[int] | type[float]], *of: str) -> Key | None:
    """The key of the row that the page follows; None: it is the first one. `of`: the list and its filter.

    Raises:
        DefinitionError: SLW479, it belongs to another list, or was not made here.
    """
    if not page.after:
        return None
    try:
        if len(page.after) > MAX_AFTER:
            raise ValueError("too long")
        digest, *key = json.loads(base64.urlsafe_b64decode(page.after.encode()))
    except (ValueError, TypeError, binascii.Error) as odd:
        raise _odd() from odd
    fits = len(key) == len(shape) and all(_is(part, kind) for part, kind in zip(key, shape, strict=True))
    if digest != _digest(of) or not fits:
        raise _odd()
    return tuple(key)


def next_of(key: Key, *of: str) -> str:
    """What `after_of` reads: for the page after the row of this key."""
    return base64.urlsafe_b64encode(json.dumps([_digest(of), *key]).encode()).decode()


def _is(part: object, kind: type) -> bool:
    if kind is float:
        return isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < float("inf")
    if kind is int:
        return type(part) is int and abs(part) < 2**53
    return isinstance(part, str)


def _digest(of: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()[:16]


def _odd() -> DefinitionError:
    fix = "begin at the first page; `after` is the `next` of a page with the same filter"
    return DefinitionError("SLW479", "this is no page of the list", fix=fix)
