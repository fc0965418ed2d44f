"""Search over everything, as a page and, as you type, in the header of every page."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from workers.client.ports.client import Client
from workers.client.ports.fleets import Found
from workers.console.pages.lists import asked
from workers.console.rendering import Ask, page

MOST = 50
"""What a search gives at most (`Fleets.search`)."""


@get("/search", include_in_schema=False)
async def search(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """By kind, the kind of the best match first."""
    text = asked(request, "q")
    found = await client.fleets.search(text) if text else ()
    groups: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        groups[one.kind].append(one)
    given: dict[str, Any] = {"groups": tuple(groups.items()), "count": len(found), "more": len(found) >= MOST}
    return page(request, "search/search.html.j2", text=text, **given)


HANDLERS = (search,)
