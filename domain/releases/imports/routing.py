"""Requests that choose the new version by a header or a cookie."""

from __future__ import annotations

import re

from domain.releases.imports.draft import Draft
from domain.releases.imports.ledger import Place

_NAME = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
_VALUE = re.compile(r"[^`\s${}][^`${}\x00-\x1f\x7f]{0,200}", re.ASCII)
_COOKIE = re.compile(
    r"\^?(?:\(\.\*\?;\)\?)?\(?(?P<name>[A-Za-z0-9_-]+)=(?P<value>[A-Za-z0-9_-]+)\)?(?:\(;\.\*\)\?)?\$?"
)
"""`name=value`, and the usual expression around it: `^(.*?;)?(name=value)(;.*)?$`."""


def by_header(draft: Draft, name: Place, value: Place) -> None:
    """Used when it is the first one, and says one exact value."""
    exact = value["exact"]
    text = exact.look()
    if "header" in draft.routing or not _NAME.fullmatch(name.look()) or not _VALUE.fullmatch(text):
        return
    draft.routing["header"] = f"{name.text()}: {exact.text()}"


def by_cookie(draft: Draft, value: Place) -> None:
    """A match of the header `Cookie`, by a regular expression or exactly."""
    for place in (value["regex"], value["exact"]):
        found = _COOKIE.fullmatch(place.look()) if len(place.look()) <= 300 else None
        if found and "cookie" not in draft.routing:
            draft.routing["cookie"] = f"{found['name']}={found['value']}"
            place.take()
