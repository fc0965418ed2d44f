"""Drains a node before it is deleted or replaced."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from activities.kubernetes.port import ObjectApi
from domain.clusters import metadata
from domain.core.documents import Node, Object

DRAIN_S = 30.0
POLL_S = 0.2


class DrainApi(ObjectApi, Protocol):
    """The additional API calls of draining."""

    def evict(self, namespace: str, pod: str) -> bool:
        """False: a disruption budget forbids it now."""
        ...


def drain(api: DrainApi, node: str, told: Callable[[str], None], limit_s: float = DRAIN_S) -> None:
    """Evicts the pods of a cordoned node as their disruption budgets allow; stops at the time limit."""
    deadline = time.monotonic() + limit_s
    while left := _evictable(api, node):
        told(f"{len(left)} pods still on node {node}")
        if time.monotonic() > deadline:
            return
        for one in left:
            if not metadata.is_ending(one):
                api.evict(metadata.namespace(one), metadata.name(one))
        time.sleep(POLL_S)


def _evictable(api: DrainApi, node: str) -> list[Object]:
    """Pods that a controller recreates, or that end; not those of daemon sets, which would return at once."""
    found, _ = api.items_at("v1", "Pod", fields=f"spec.nodeName={node}")
    return [
        one for one in found if not _stays(one) and Node(one).at("status", "phase").text() in ("Pending", "Running")
    ]


def _stays(pod: Object) -> bool:
    return any(one["kind"].text() in ("DaemonSet", "Node") for one in metadata.owners(pod))
