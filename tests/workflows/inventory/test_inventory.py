"""A cluster is watched from the moment at which it can be reached until it is deleted, and its life is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from activities.inventory.port import ClusterLife, WatchInput
from domain.clusters.lifecycle import Status
from domain.clusters.spec import ClusterSpec
from domain.core import ids as keys
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.clusters import Clusters
from workers.worker import temporal
from workers.worker.inventory_keeping import InventoryKeeping
from workers.worker.temporal import Activity
from workflows.clusters.messages import ClusterState


@pytest.fixture
def inventory():
    return PlayedInventory()


@pytest.fixture
async def lab(temporal_address, tmp_path, inventory):
    made = ClusterActivities({"memory": MemoryProvider()}, permits=Everything())
    own: list[Activity] = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    async with Lab.on(temporal_address, tmp_path, [*own, *inventory.all()]) as lab:
        yield lab


@pytest.fixture
def spec(request):
    return ClusterSpec(f"i-{request.node.name[5:45].replace('_', '-')}", "memory")


async def ready(lab, name):
    async def there():
        return (await Clusters(lab.engine).view(name)).status is Status.READY

    await until(there)


async def test_a_cluster_is_watched_while_it_lives_and_its_life_is_told(lab, inventory, spec):
    await Clusters(lab.engine).ask(spec)
    await until(lambda: spec.name in inventory.watching)
    await until(lambda: inventory.lives[-1].status == Status.READY)
    await Clusters(lab.engine).delete(spec.name)
    for id_ in (keys.cluster_id(spec.name), keys.inventory_id(spec.name)):
        await lab.engine.client.get_workflow_handle(id_).result()

    told = list(dict.fromkeys(life.status for life in inventory.lives))
    assert [one for one in told if one] == [Status.CREATING, Status.READY, Status.DELETING]
    assert inventory.lives[-1] == ClusterLife(name=spec.name)
    assert not inventory.watching
    phases = [life.waits_for for life in inventory.lives if life.status == Status.CREATING]
    assert phases[-1] == "verification"


async def test_more_watches_than_a_worker_has_slots_leave_it_free_for_what_ends(
    temporal_address, tmp_path, inventory, monkeypatch
):
    monkeypatch.setattr(temporal, "CONTROL_SLOTS", 1)
    made = ClusterActivities({"memory": MemoryProvider()}, permits=Everything())
    own: list[Activity] = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    names = [f"i-many-{number}" for number in range(3)]
    async with Lab.on(temporal_address, tmp_path, [*own, *inventory.all()]) as lab:
        for name in names:
            await Clusters(lab.engine).ask(ClusterSpec(name, "memory"))
        await until(lambda: inventory.watching == {*names})
        for name in names:
            await Clusters(lab.engine).delete(name)
            await lab.engine.client.get_workflow_handle(keys.inventory_id(name)).result()


async def test_a_cluster_of_before_inventories_is_watched_once_a_worker_asks_for_it(lab, inventory, spec):
    client = lab.engine.client
    await client.start_workflow(
        "Cluster", ClusterState(spec), id=keys.cluster_id(spec.name), task_queue=lab.engine.queue
    )
    await ready(lab, spec.name)
    assert not inventory.lives
    keeping = InventoryKeeping(client, lambda: [spec.name, "unknown"])

    assert await keeping.look() == [spec.name]
    await until(lambda: spec.name in inventory.watching)
    assert await keeping.look() == []
    await until(lambda: inventory.lives[-1].status == Status.READY)


async def test_a_watch_that_was_ended_by_hand_begins_again(lab, inventory, spec):
    await Clusters(lab.engine).ask(spec)
    await until(lambda: spec.name in inventory.watching)
    watch = lab.engine.client.get_workflow_handle(keys.inventory_id(spec.name))
    await watch.cancel()
    await until(lambda: not inventory.watching)
    await until(lambda: _asked(InventoryKeeping(lab.engine.client, lambda: [spec.name])))

    await until(lambda: spec.name in inventory.watching)


async def _asked(keeping):
    return await keeping.look()


async def test_a_watch_whose_cluster_has_no_workflow_ends_and_forgets_it(lab, inventory, spec):
    inventory.ends = ["it is looked whether the cluster is still there"]
    name = spec.name
    watch = await lab.engine.client.start_workflow(
        "Inventory", WatchInput(name), id=keys.inventory_id(name), task_queue=lab.engine.queue
    )

    assert await watch.result() == f"cluster/{name} has ended"
    assert inventory.lives == [ClusterLife(name=name)]


async def test_a_cluster_that_could_not_be_made_is_told_as_failed_with_why(lab, inventory, spec):
    broken = replace(spec, provider="moon")
    await Clusters(lab.engine).ask(broken)
    await until(lambda: inventory.lives and inventory.lives[-1].status == Status.FAILED, timeout_s=60)
    await until(lambda: _is_over(lab, keys.cluster_id(spec.name)))
    assert inventory.lives[-1].status == Status.FAILED
    assert "moon" in inventory.lives[-1].reason
    assert not inventory.watched


async def _is_over(lab, id_):
    return (await lab.engine.client.get_workflow_handle(id_).describe()).status is not WorkflowExecutionStatus.RUNNING
