"""The ports of the inventory: the writer of its rows, and what workflows ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

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
    """JSON: `drift` (number), `guarded`, `pods` (capacity), and `dials_out` where it does."""


@dataclass(frozen=True)
class WatchInput:
    """The cluster that is watched. How its API is reached, the worker knows: a message could name any kubeconfig."""

    cluster: str
    dials_out: bool = False
    """The worker in it watches: the activity is on the task queue of the cluster."""


@dataclass(frozen=True)
class DialledAsk:
    """What the worker in a cluster that dials out is asked for; `text` as `domain.inventory.dialled` packs it."""

    cluster: str
    text: str


@dataclass(frozen=True)
class DialledAnswer:
    """`text`: what it has answered, packed. `away` says why there is no answer; `begun`: it may have done it."""

    text: str = ""
    away: str = ""
    begun: bool = False


WATCH_S = 12 * 3600.0
"""A watch ends after so long; its workflow then looks whether the cluster is still there, and begins the next."""
MOST_GOING = 5_000
"""Events of a cluster that are followed until their end; what is older ends."""


class InventoryActivities(Protocol):
    """What workflows ask for."""

    @activity.defn(name="watch-inventory")
    async def watch_inventory(self, input: WatchInput) -> str:
        """Watches everything in a cluster until it is cancelled, or for `WATCH_S` seconds; returns why it ended."""
        ...

    @activity.defn(name="record-cluster")
    async def record_cluster(self, life: ClusterLife) -> None:
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
        Nothing is written and nobody is told where nothing differs. A row that the records would never take is written
        as one that is `Unreadable`, with the reason, in a transaction after the others.

        A row whose `since` is 0 (its kind tells no times) keeps that of the row before, while health and status are the
        same; else it is now, and for an object that was not known, `created_at`.
        """
        ...

    def heard(self, row: WatchRow) -> None:
        """When a cluster was last heard of. Pages are told where freshness, trouble or version change."""
        ...

    def warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        """Writes events by their uid. An end that is known stays, unless `last_at` is later."""
        ...

    def end_events(
        self, cluster: str, about: Iterable[str], at: float, because: str, *, events: Iterable[str] = ()
    ) -> None:
        """Ends what goes on about these UIDs, and the events of these UIDs."""
        ...

    def going(self, cluster: str) -> Sequence[EventRow]:
        """What has not ended, newest first; at most `MOST_GOING`."""
        ...

    def lives(self, life: ClusterLife) -> None:
        """How its life is."""
        ...

    def forget(self, cluster: str) -> None:
        """Removes all of a cluster's rows, but for the life of one that could not be made: that is shown for a day.
        Forgetting an unknown cluster is fine."""
        ...
