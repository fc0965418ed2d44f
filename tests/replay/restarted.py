"""A pod that is restarted, and objects of no workflow that are restarted or left alone, for the replay tests."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.authority.everything import Everything
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.memory import MemoryKube
from activities.pods.activities import PodActivities
from activities.pods.objects import ObjectActivities
from activities.pods.port import ObjectDone, ObjectWish
from activities.storage.stores.folder import FolderStore
from domain.clusters.access import Access
from domain.core.documents import Manifest
from domain.pods import manifest
from domain.pods.manifest import PodSpec
from domain.pods.object_action import ObjectAction
from domain.pods.status import PodPhase
from tests.replay import SCENE
from tests.support.lab import Lab, until
from workers.client.calls import outcome
from workers.client.clusters import Clusters
from workers.worker.temporal import Activity
from workflows.pods.messages import PodInput

ACCESS, SPACE = Access("file:/k"), "restarted"
ENDED: Manifest = {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]}


async def restarted(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    kube, book = MemoryKube(nodes={"n1": {"metadata": {"name": "n1"}}}), AddressBook(SCENE / "addresses")
    kube.nodes["n1"] = {"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    book.remember("memory", ACCESS)
    pods = PodActivities(lambda access, cluster: kube, FolderStore(SCENE / "pods"), permits=Everything(), hands=nobody)
    objects = ObjectActivities(lambda access, cluster: kube, book, permits=Everything(), hands=nobody)
    activities: list[Activity] = [
        *(pods.create, pods.explain, pods.look, pods.node_exists, pods.end, pods.remove, pods.watch),
        objects.act,
    ]
    async with Lab.on(address, SCENE / "restarted", activities) as lab:
        return {"pod-restarted": await _pod(lab, kube), **await _objects(lab, kube)}


async def _pod(lab: Lab, kube: MemoryKube) -> WorkflowHandle:
    calls = Clusters(lab.engine)
    id_ = await calls.start_pod(PodInput(ACCESS, "memory", SPACE, "web", manifest.manifest(PodSpec("x"))))

    async def runs(name: str) -> None:
        await until(lambda: kube.get("v1", "Pod", name, SPACE))
        kube.set(SPACE, name, {"phase": "Running"}, "n1")

        async def there() -> bool:
            return (await calls.pod(id_)).phase is PodPhase.RUNNING

        await until(there)

    handle = lab.engine.client.get_workflow_handle(id_)
    await runs("web")
    await handle.execute_update("restart", "it hangs")
    await runs("web-2")
    kube.set(SPACE, "web-2", ENDED)
    await calls.pod_result(id_)
    return handle


async def _objects(lab: Lab, kube: MemoryKube) -> dict[str, WorkflowHandle]:
    kube.create({"kind": "Deployment", "metadata": {"namespace": SPACE, "name": "web", "uid": "u1"}, "spec": {}})
    found = {}
    for name, uid in (("object-restarted", "u1"), ("object-ended-refused", "u0")):
        wish = ObjectWish("memory", ObjectAction.RESTART, "Deployment", SPACE, "web", uid, "2026-11-30T04:00:00Z")
        started = await lab.engine.client.start_workflow(
            "ObjectAction",
            wish,
            id=f"object/memory/{SPACE}/Deployment/{name}",
            task_queue=lab.engine.queue,
            result_type=ObjectDone,
        )
        await outcome(started, ObjectDone)
        found[name] = started
    return dict(found)
