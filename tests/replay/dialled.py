"""A cluster that dials out, whose worker ends one watch and hears of the cluster's end in the next."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.registered import RegisteredProvider
from activities.inventory.port import DialledAsk
from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters.access import DIALS_OUT
from domain.clusters.spec import registered
from domain.core import ids as keys
from domain.inventory.dialled import Answered, Asked, Call, packed
from tests.replay import SCENE
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.clusters import Clusters
from workers.client.on_engine.dial_outs.relay import TemporalRelay
from workers.client.on_engine.parts import EngineParts
from workers.worker.temporal import Activity

NAME = "dialled"


async def dialled(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    folder = SCENE / NAME
    book = AddressBook(folder / "addresses")
    made = ClusterActivities({"registered": RegisteredProvider(folder)}, book, permits=Everything())
    own: list[Activity] = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    async with Lab.on(address, folder, [*own, *PlayedInventory().all()]) as lab:
        parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
        parts._engine = lab.engine
        relay = TemporalRelay(parts, lab.ring, wait_s=4)
        await Clusters(lab.engine).ask(registered(NAME, DIALS_OUT))
        first = await until(lambda: relay.task(NAME))
        await relay.end(NAME, first.handle, "the worker in it stops", True)
        given = await until(lambda: relay.task(NAME))
        call = await answered(lab, relay)
        await Clusters(lab.engine).delete(NAME)

        async def over() -> bool:
            return (await relay.beat(NAME, given.handle)).over

        await until(over)
        await relay.end(NAME, given.handle, "nobody wants it any more", False)
        ids = (keys.cluster_id(NAME), keys.inventory_id(NAME))
        cluster, watch = (lab.engine.client.get_workflow_handle(id_) for id_ in ids)
        await cluster.result()
        await watch.result()
        return {f"cluster-{NAME}": cluster, f"inventory-{NAME}": watch, f"{NAME}-call": call}


async def answered(lab: Lab, relay: TemporalRelay) -> WorkflowHandle:
    """Its worker is asked for something once."""
    asked, id_ = DialledAsk(NAME, packed(Asked(call=Call(method="GET", path="/version")))), keys.dialled_id(NAME, "1")
    call = await lab.engine.client.start_workflow("DialledCall", asked, id=id_, task_queue=lab.engine.queue)
    given = await until(lambda: relay.call(NAME))
    await relay.answer(NAME, given.handle, packed(Answered(status=200)))
    await call.result()
    return call
