"""What lists show of a plan. Loads nothing of what jobs consist of."""

from __future__ import annotations

import json
from collections.abc import Iterator

from activities.storage.port import Store
from domain.core.documents import Node


def plan_rows(store: Store, digest: str) -> Iterator[Node]:
    """Each job of a stored plan, as `store_plan` wrote it: without values that are defaults.

    Raises:
        SluicewayError: SLW801, the plan has expired.
    """
    index = Node(json.loads(store.get(digest)))
    for page in index["pages"]:
        yield from Node(json.loads(store.get(page.text())))
