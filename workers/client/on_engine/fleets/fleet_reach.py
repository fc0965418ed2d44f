"""Which clusters a caller may read, and how each is heard of: read once a request, since they are few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from activities.inventory.clusters import ClusterLists
from activities.inventory.reach import Reach
from domain.access.actions import Action
from domain.access.principal import Caller
from domain.access.resource import ResourceKind, cluster_resource
from domain.inventory.model import Freshness
from domain.inventory.rollup import KnownCluster
from workers.client.guard import Guard, Readable
from workers.client.on_engine.lists import condition_of

COLUMNS = {"name": "cluster", "cluster": "cluster"}


@dataclass(frozen=True)
class Seen:
    """What one request may read, at one moment."""

    known: Mapping[str, KnownCluster]
    """By name."""
    everything: bool
    """No cluster is hidden."""
    now: float
    """Unix seconds."""

    @cached_property
    def fresh(self) -> dict[str, Freshness]:
        """By cluster."""
        return {name: one.heard(self.now).freshness for name, one in self.known.items()}

    @cached_property
    def reach(self) -> Reach:
        """For queries."""
        silent = sorted(name for name, fresh in self.fresh.items() if fresh is not Freshness.LIVE)
        return Reach(names=None if self.everything else tuple(self.known), unsure=tuple(silent))

    def is_live(self, cluster: str) -> bool:
        """Whether its rows say how it is now."""
        return self.fresh.get(cluster) is Freshness.LIVE


@dataclass(frozen=True)
class MayRead:
    """Which clusters a caller may read; equal for all who may read the same."""

    names: tuple[str, ...]
    everything: bool
    """No cluster is hidden."""


def readable_by(guard: Guard, lists: ClusterLists) -> MayRead:
    """Decides, and reads the database."""
    return readable_by_each(guard, [guard.caller], lists)[0]


def readable_by_each(guard: Guard, callers: Sequence[Caller], lists: ClusterLists) -> list[MayRead]:
    """The same of several who ask at one moment. `guard`: of one of them."""
    return [_may(one, lists) for one in guard.readable_each(callers, Action.CLUSTERS_READ, ResourceKind.CLUSTER)]


def _may(readable: Readable, lists: ClusterLists) -> MayRead:
    names: Iterable[str] = lists.names(condition_of(readable, COLUMNS))
    if not (readable.everything or readable.exact):
        every = list(names)
        may = readable.keep([cluster_resource(name) for name in every])
        names = [name for name, kept in zip(every, may, strict=True) if kept]
    return MayRead(tuple(names), readable.everything)


def seen_at(may: MayRead, lists: ClusterLists, now: float) -> Seen:
    """Reads the database."""
    known = {name: one for name, one in lists.known(may.names).items() if not one.is_over(now)}
    return Seen(known, may.everything, now)
