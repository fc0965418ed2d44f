"""What is in a cluster that dials out is watched by the worker in it, which asks the server for its work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.registered import RegisteredProvider
from activities.inventory.port import ClusterLife, WatchInput
from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters.access import DIALS_OUT
from domain.clusters.lifecycle import Status
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import registered
from domain.core import ids as keys
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.client import Engine
from workers.client.clusters import Clusters
from workers.client.on_engine.dial_outs.relay import TemporalRelay
from workers.client.on_engine.parts import EngineParts
from workers.worker.temporal import Activity


@pytest.fixture
def inventory():
    return PlayedInventory()


@pytest.fixture
def book(tmp_path):
    return AddressBook(tmp_path / "addresses")


@pytest.fixture
async def lab(temporal_address, tmp_path, inventory, book):
    made = ClusterActivities({"registered": RegisteredProvider(tmp_path)}, book, permits=Everything())
    own: list[Activity] = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    async with Lab.on(temporal_address, tmp_path, [*own, *inventory.all()]) as lab:
        yield lab


@pytest.fixture
def relay(lab):
    parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
    parts._engine = lab.engine
    return TemporalRelay(parts, lab.ring, wait_s=4)


@pytest.fixture
async def name(lab, request):
    name = f"d-{request.node.name[5:45].replace('_', '-')}"
    await Clusters(lab.engine).ask(registered(name, DIALS_OUT))
    return name


async def given(relay, name):
    return await until(lambda: relay.task(name), 30)


async def details(engine: Engine, name: str) -> str:
    """What its workflow says of itself."""
    handle = engine.client.get_workflow_handle(keys.inventory_id(name))
    metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def test_it_is_ready_at_once_and_watched_by_its_own_worker_until_it_is_deleted(lab, inventory, relay, name):
    task = await given(relay, name)
    await until(lambda: inventory.lives and inventory.lives[-1].status == Status.READY)
    assert task.kind == "watch-inventory"
    assert '"dials_out": true' in inventory.lives[-1].body
    assert not (await relay.beat(name, task.handle)).over
    assert not inventory.watched

    await Clusters(lab.engine).delete(name)
    await until(lambda: _over(relay, name, task))
    await relay.end(name, task.handle, "nobody wants it any more", False)
    await lab.engine.client.get_workflow_handle(keys.inventory_id(name)).result()
    assert inventory.lives[-1] == ClusterLife(name=name)
    assert (await relay.beat(name, task.handle)).over
    await relay.end(name, task.handle, "again", True)


async def _over(relay, name, task):
    return (await relay.beat(name, task.handle)).over


async def test_nobody_waits_for_ever_for_a_worker_and_the_engines_own_take_nothing_of_it(lab, inventory, name):
    handle = lab.engine.client.get_workflow_handle(keys.inventory_id(name))

    async def scheduled():
        try:
            events = (await handle.fetch_history()).events
        except Exception:
            return None
        found = [one.activity_task_scheduled_event_attributes for one in events if one.event_type == 10]
        return found[0] if found else None

    found = await until(scheduled)
    assert found.task_queue.name == keys.cluster_queue(lab.engine.queue, name)
    assert found.schedule_to_start_timeout.ToTimedelta().total_seconds() == 600
    assert found.heartbeat_timeout.ToTimedelta().total_seconds() == 30
    assert not inventory.watched


@pytest.mark.parametrize("hides", [False, True], ids=["plain", "encrypted"])
async def test_what_its_worker_answers_is_an_answer_of_this_installation(lab, relay, name, hides):
    lab.ring.hide(hides)
    task = await given(relay, name)
    await relay.end(name, task.handle, "it was enough", False)

    await until(lambda: _says(lab, name, "it was enough"))


async def _says(lab, name, words):
    return words in await details(lab.engine, name)


async def test_what_its_worker_could_not_do_is_given_to_the_next_who_asks(relay, name):
    first = await given(relay, name)
    await relay.end(name, first.handle, "the worker in it stops", True)

    assert (await given(relay, name)).handle != first.handle
    assert (await relay.beat(name, first.handle)).over


async def test_work_that_is_not_the_watch_of_this_cluster_is_given_to_nobody(lab, relay):
    id_ = keys.inventory_id("somebody-else")
    queue = lab.engine.queue
    other = await lab.engine.client.start_workflow(
        "Inventory", WatchInput("near", dials_out=True), id=id_, task_queue=queue
    )

    assert await relay.task("near") is None
    assert await other.result() == "cluster/near has ended"


async def test_a_handle_that_nobody_gave_ends_nothing(relay, name):
    task = await given(relay, name)
    for handle in ("", "x.y", task.handle[:-1] + ("0" if task.handle[-1] != "0" else "1")):
        with pytest.raises(DefinitionError) as refused:
            await relay.end(name, handle, "", True)
        assert refused.value.code == "SLW978"
    with pytest.raises(DefinitionError):
        await relay.beat("another", task.handle)


async def test_nothing_is_done_in_it_from_here_and_it_is_not_repaired(lab, book, name):
    async def ready():
        return (await Clusters(lab.engine).view(name)).status is Status.READY

    await until(ready)
    with pytest.raises(RefusedError) as refused:
        book.find(name)
    assert refused.value.code == "SLW977"
    assert book.dials_out(name)
    with pytest.raises(SluicewayError, match="dials out") as unrepaired:
        await Clusters(lab.engine).guard(name, RepairPolicy())
    assert unrepaired.value.code == "SLW905"
    with pytest.raises(SluicewayError, match="nothing is repaired in it from here"):
        await Clusters(lab.engine).heal(name)
    with pytest.raises(SluicewayError, match="cannot change"):
        await Clusters(lab.engine).ask(replace(registered(name, DIALS_OUT), connection={"kubeconfig": "file:/x"}))
