"""The ports of the inventory: the writer of its rows, and what workflows ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.clusters.access import Access
from domain.inventory.model import EventRow, ObjectRow, WatchRow


@dataclass(frozen=True, kw_only=True)
class ClusterLife:
    """How a cluster's life is, as its workflow tells it at each change."""

    name: str
    provider: str = ""
    status: str = ""
    waits_for: str = ""
    """The phase, while something is under way."""
    reason: str = ""
    """What blocks it, or its API's trouble."""
    since: float = 0
    body: str = "{}"
    """JSON: `drift` (number), `guarded`, `pods` (capacity)."""


@dataclass(frozen=True, kw_only=True)
class WatchInput:
    """The cluster that is watched, and how its API is reached."""

    cluster: str
    access: Access


class InventoryActivities(Protocol):
    """What workflows ask for."""

    @activity.defn(name="watch-inventory")
    async def watch(self, input: WatchInput) -> str:
        """Watches everything in a cluster until it is cancelled, or the cluster is deleted; returns why it ended."""
        ...

    @activity.defn(name="record-cluster")
    async def record(self, life: ClusterLife) -> None:
        """Writes how a cluster's life is; `status` empty: it is known no longer, and all of its rows go."""
        ...


class InventoryWriter(Protocol):
    """Rows of the inventory. Every call is one transaction, which keeps counts exact and notes the change.

    Raises:
        SluicewayError: the records cannot be written for a moment (transient).
    """

    def names(self, cluster: str, kind: str) -> set[tuple[str, str]]:
        """Namespace and name of every row of a kind: what a new list does not have is gone."""
        ...

    def apply(self, cluster: str, changed: Sequence[ObjectRow], gone: Iterable[tuple[str, str, str]] = ()) -> None:
        """Writes rows, and removes those of these kinds, namespaces and names. The last of two rows of a key counts.
        Nothing is written and nobody is told where nothing differs.
        """
        ...

    def heard(self, row: WatchRow) -> None:
        """When a cluster was last heard of. Pages are told where freshness, trouble or version change."""
        ...

    def warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        """Writes events by their uid. An end that is known stays, unless `last_at` is later."""
        ...

    def end_events(self, cluster: str, about: Iterable[str], at: float, because: str) -> None:
        """Ends what goes on about these UIDs."""
        ...

    def lives(self, life: ClusterLife) -> None:
        """How its life is."""
        ...

    def forget(self, cluster: str) -> None:
        """Removes all of a cluster's rows. Forgetting an unknown cluster is fine."""
        ...
