"""All pods of a cluster, page by page, up to a number."""

from __future__ import annotations

import json

from activities.clusters.facts import Api
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

AT_ONCE, MOST_PAGES = 500, 4
_MOST_LEFT = AT_ONCE * (MOST_PAGES - 1)


def every(api: Api) -> list[Object] | None:
    """None: they may not be listed, or are more than MOST_PAGES pages, of which sums would say too little."""
    found: list[Object] = []
    after = ""
    for _ in range(MOST_PAGES):
        asked = {"limit": str(AT_ONCE), **({"continue": after} if after else {})}
        try:
            said = Node(json.loads(api.raw("/api/v1/pods", asked)))
        except (SluicewayError, ValueError):
            return None
        found += [one.object() for one in said["items"]]
        after = said.at("metadata", "continue").text()
        if not after:
            return found
        if said.at("metadata", "remainingItemCount").whole() > _MOST_LEFT:  # not every server counts them
            return None
    return None
