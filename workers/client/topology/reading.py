"""Rows of the fleet, read within bounds: whoever reads knows whether these are all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.core.errors import SluicewayError
from domain.core.ids import environment_of
from domain.inventory.levels import Shift
from domain.inventory.matrix import ends_of
from domain.inventory.model import Freshness, ObjectRow, freshness
from domain.inventory.reach import End
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import MOST, PageOf
from workers.client.ports.releases import ReleaseDetails, ReleaseRow, Releases

MOST_POLICIES = 5_000
MOST_SHIFTS = 5
"""Releases under way that one map asks."""


@dataclass(frozen=True)
class Rows:
    """Rows of a filter, the worst among them."""

    items: tuple[ObjectRow, ...] = ()
    all: int = 0
    """How many there are."""

    @property
    def unread(self) -> int:
        """How many were not read."""
        return max(self.all - len(self.items), 0)


async def rows_of(fleets: Fleets, which: ObjectFilter, most: int) -> Rows:
    """At most so many rows of a filter: all, or the bad ones first."""
    found, more = await _first(fleets, which, most)
    if not more:
        return Rows(tuple(found), len(found))
    every = (await fleets.counts(which)).total
    bad, _ = await _first(fleets, replace(which, health="bad"), most)
    kept = {row.key: row for row in (*bad, *found)}
    return Rows(tuple(kept.values())[:most], every)


async def _first(fleets: Fleets, which: ObjectFilter, most: int) -> tuple[list[ObjectRow], bool]:
    found, after = list[ObjectRow](), ""
    while len(found) < most:
        page = await fleets.objects(which, PageOf(after=after, limit=min(MOST, most - len(found))))
        found += page.items
        after = page.next
        if not after:
            return found, False
    return found, True


async def policies_of(fleets: Fleets, cluster: str) -> Rows:
    """All network policies of a cluster, as far as anybody has so many."""
    return await rows_of(fleets, ObjectFilter(kind="NetworkPolicy", cluster=cluster), MOST_POLICIES)


async def ends_in(
    fleets: Fleets, cluster: str, namespaces: Iterable[ObjectRow], policies: Rows
) -> tuple[dict[str, tuple[End, ...]], bool]:
    """The pods of each namespace by the labels of all workloads; whether there are more labels than were read."""
    if not policies.items:  # nobody tells pods apart
        return ends_of(namespaces, ()), False
    found = await fleets.details(ObjectFilter(kind="Workload", cluster=cluster), "labels")
    return ends_of(namespaces, ((one.namespace, one.labels) for one in found.items)), found.cut


async def heard(fleets: Fleets, cluster: str, now: float) -> tuple[float, Freshness]:
    """When a cluster was last heard of.

    Raises:
        SluicewayError: SLW907, there is none that the caller may read.
    """
    known = await fleets.heard()
    if cluster not in known:
        raise SluicewayError("SLW907", f"there is no cluster {cluster[:100]}", fix="sluiceway cluster list")
    return known[cluster], freshness(known[cluster], now)


async def shifts(releases: Releases, services: Iterable[str]) -> list[Shift]:
    """Releases under way of these services, that the caller may read: at most a few of the newest."""
    wanted = set(services)
    with contextlib.suppress(SluicewayError):
        page = await releases.list("", "", PageOf(limit=MOST))
        under_way = [row for row in page.items if not row.verdict and row.service in wanted][:MOST_SHIFTS]
        return [shift for row in under_way for shift in await _shifts_of(releases, row)]
    return []


async def _shifts_of(releases: Releases, row: ReleaseRow) -> list[Shift]:
    try:
        details = await releases.show(row.id)
    except SluicewayError:  # it is told without its traffic
        return []
    return [*_parts(details)] or [_shift(details, row.environment.partition("@")[2], details.percent)]


def _parts(details: ReleaseDetails) -> Iterable[Shift]:
    if not details.services:
        for one in details.clusters:
            yield _shift(details, one.cluster, one.percent)


def _shift(details: ReleaseDetails, cluster: str, percent: float) -> Shift:
    return Shift(
        id=details.row.id,
        service=details.row.service,
        environment=environment_of(details.row.environment),
        version=details.row.version,
        previous=details.previous,
        percent=percent,
        cluster=cluster,
    )
