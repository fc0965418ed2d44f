"""What handlers are asked with: pages, idempotency keys, and what a client saw before it changes it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from litestar.params import HeaderParameter, PathParameter, QueryParameter
from msgspec import Meta

from domain.core.errors import RefusedError
from workers.client.ports.pages import MOST, PageOf

KEY_HEADER = "Idempotency-Key"
MATCH_HEADER = "If-Match"
TEXT = 500
"""Characters of a filter, an id or a reason."""
CURSOR = 2000
Text: TypeAlias = Annotated[str, QueryParameter(max_length=TEXT)]
"""A filter; empty: none."""
MOST_TEXTS = 50
Texts: TypeAlias = Annotated[tuple[Annotated[str, Meta(max_length=TEXT)], ...], QueryParameter(max_items=MOST_TEXTS)]
"""A filter that is said once for each value, one of which must fit; none: any."""
Flag: TypeAlias = Annotated[bool, QueryParameter()]
Seconds: TypeAlias = Annotated[float, QueryParameter(ge=0, le=1e10)]
LongText: TypeAlias = Annotated[str, Meta(max_length=TEXT)]
"""A text in a body."""
Id: TypeAlias = Annotated[str, PathParameter(max_length=TEXT, min_length=1)]
"""An id in one segment: its `/` is written `:`."""
Time: TypeAlias = Annotated[float, QueryParameter(ge=0, le=1e11)]
"""Seconds since the epoch; 0: none."""


def page_of(
    after: Annotated[str, QueryParameter(max_length=CURSOR, description="`next` of the page before.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> PageOf:
    """Which part of a list."""
    return PageOf(after, limit)


def key(
    idempotency_key: Annotated[
        str,
        HeaderParameter(
            name=KEY_HEADER,
            min_length=1,
            max_length=128,
            pattern=r"^[!-~]+$",
            description="New for each intent, the same for its retries: what is asked for happens once.",
        ),
    ],
) -> str:
    """What makes a retry the same call."""
    return idempotency_key


def matched(
    if_match: Annotated[
        str | None,
        HeaderParameter(name=MATCH_HEADER, max_length=200, description="The ETag of what was looked at (428 without)."),
    ] = None,
) -> str:
    """The digest that a decision is about.

    Raises:
        RefusedError: SLW474, there is none, or no strong one.
    """
    tag = (if_match or "").strip()
    if len(tag) < 3 or not (tag.startswith('"') and tag.endswith('"')) or "," in tag:
        raise RefusedError("SLW474", "the request does not say what it decides about", why="If-Match is not one ETag")
    return tag[1:-1]
