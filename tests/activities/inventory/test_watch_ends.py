"""A watch ends with its reason, lets go when it is cancelled, and leaves nothing of a cluster that is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from activities.inventory.activities import InventoryActivities
from activities.inventory.port import ClusterLife, WatchInput
from activities.kubernetes.port import NoClusterError
from tests.activities.inventory.scene import pod, watching
from tests.support.lab import until

pytestmark = pytest.mark.usefixtures("soon")


async def test_a_watch_ends_with_the_reason_when_its_cluster_is_deleted(played, seen):
    kube, is_gone = played.kube(), asyncio.Event()

    def reach(name):
        if is_gone.is_set():
            raise NoClusterError("SLW943", f"cluster {name} no longer exists", why="its cluster was deleted")
        return kube

    activities = InventoryActivities(reach, seen.store)
    watch_ = asyncio.create_task(activities.watch_inventory(WatchInput("c")))
    await seen.synced()
    is_gone.set()

    assert await asyncio.wait_for(watch_, 120) == "cluster c no longer exists: its cluster was deleted"


async def test_a_watch_that_is_cancelled_has_let_go(played, seen):
    kube = played.kube()
    activities = InventoryActivities(lambda name: kube, seen.store)
    watch_ = asyncio.create_task(activities.watch_inventory(WatchInput("c")))
    await seen.synced()
    watch_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch_

    await until(lambda: not played.connections)


async def test_a_watch_ends_after_its_time_for_its_workflow_to_look(played, seen):
    kube = played.kube()

    assert "looked" in await InventoryActivities(lambda name: kube, seen.store, lasts_s=0.05).watch_inventory(
        WatchInput("c")
    )


async def test_a_life_is_recorded_and_all_of_a_cluster_is_forgotten(played, seen):
    activities = InventoryActivities(lambda name: played.kube(), seen.store)
    await activities.record_cluster(ClusterLife(name="c", status="ready"))
    await played.put("Pod", "p", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
    await activities.record_cluster(ClusterLife(name="c"))

    assert (seen.rows("Pod"), seen.watch()) == ({}, {})
