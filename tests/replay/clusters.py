"""Lives of clusters and pods, for the replay tests."""

from __future__ import annotations

from dataclasses import replace

from temporalio.client import WorkflowHandle

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from activities.clusters.remediation import RemediationActivities
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.memory import MemoryKube
from activities.pods.activities import PodActivities
from activities.storage.stores.folder import FolderStore
from activities.volumes.activities import VolumeActivities
from activities.volumes.port import VolumeRequest
from domain.clusters.access import Access
from domain.clusters.lifecycle import Status
from domain.clusters.manifests import OURS
from domain.clusters.plan import Phase
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Object
from domain.pods import manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import PodPhase
from domain.volumes.volume import VolumeAction, VolumeSpec
from tests.replay import SCENE
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.calls import outcome
from workers.client.clusters import Clusters
from workers.worker.temporal import Activity
from workflows.clusters.messages import ClusterState
from workflows.pods.messages import PodInput

SPEC = ClusterSpec("replayed", "memory", pools=(NodePool("web", 2),))
RUNNING = {"phase": "Running"}
ENDED: Object = {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]}


async def lived(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    provider, kube = MemoryProvider(), MemoryKube(nodes={"n1": _node("True")})
    healed = MemoryKube(nodes={name: _node("True", name) for name in ("n1", "n2", "n3", "n4")})
    heal = RemediationActivities(lambda access, cluster: healed, permits=Everything(), look_s=0.05)
    clusters = ClusterActivities({"memory": provider}, permits=Everything())
    pods = PodActivities(lambda access, cluster: kube, FolderStore(SCENE / "pods"), permits=Everything(), hands=nobody)
    activities: list[Activity] = [
        *(heal.survey, heal.mend),
        *(clusters.phase, clusters.undo, clusters.leftovers, clusters.differences, clusters.health, clusters.reference),
        *(pods.create, pods.explain, pods.look, pods.node_exists, pods.end, pods.remove, pods.watch),
        VolumeActivities(lambda access, cluster: kube, AddressBook(SCENE / "addresses"), permits=Everything()).act,
        *PlayedInventory().all(),
    ]
    async with Lab.on(address, SCENE / "clusters", activities) as lab:
        await Clusters(lab.engine).volume(VolumeRequest("nowhere", VolumeSpec("data"), VolumeAction.CREATE))
        volume = lab.engine.client.get_workflow_handle("volume/nowhere/default/data")
        clusters_ = await _clusters(lab, provider)
        return {
            **clusters_,
            **await _pods(lab, kube),
            **await _healed(lab, healed),
            "volume-refused": volume,
            "volume-ended-refused": volume,
        }


async def _clusters(lab: Lab, provider: MemoryProvider) -> dict[str, WorkflowHandle]:
    client, calls = lab.engine.client, Clusters(lab.engine)

    async def settled(name: str, status: Status) -> None:
        async def there() -> bool:
            state = await calls.view(name)
            return state.status is status and state.wanted is None

        await until(there)

    await calls.ask(SPEC)
    await settled("replayed", Status.READY)
    await calls.update("replayed", lambda old: replace(old, pools=(NodePool("web", 3),)), "scale")
    await settled("replayed", Status.READY)
    await calls.heal("replayed")
    await settled("replayed", Status.READY)
    provider.stubborn[Phase.NODES] = ["a finalizer holds a node"] * 4
    await calls.delete("replayed")
    await settled("replayed", Status.STUCK)
    await calls.delete("replayed")
    lived_ = client.get_workflow_handle("cluster/replayed")
    await lived_.result()
    provider.failing[Phase.STORAGE] = ["no disk"] * 4
    await calls.ask(replace(SPEC, name="failed"))
    failed = client.get_workflow_handle("cluster/failed")
    await outcome(failed, ClusterState)
    return {"cluster-lived": lived_, "cluster-compensated": failed, "cluster-ended-failed": failed}


async def _healed(lab: Lab, kube: MemoryKube) -> dict[str, WorkflowHandle]:
    client, calls = lab.engine.client, Clusters(lab.engine)

    async def ready() -> bool:
        return (await calls.view("healed")).status is Status.READY

    await calls.ask(replace(SPEC, name="healed"))
    await until(ready)
    await calls.guard("healed", RepairPolicy(dry_run=True, node_grace_s=0))
    kube.nodes["n1"] = _node("Unknown")

    async def refused() -> bool:
        return bool((await calls.healing("healed")).decisions)

    await until(refused)
    await calls.guard("healed", RepairPolicy(node_grace_s=0))
    await until(lambda: "n1" not in kube.nodes)
    kube.nodes |= {name: _node("Unknown", name) for name in ("n2", "n3")}
    await until(refused)
    await until(ready)
    await calls.delete("healed")
    cluster = client.get_workflow_handle("cluster/healed")
    await cluster.result()
    return {"cluster-guarded": cluster, "heal": client.get_workflow_handle("heal/healed")}


async def _pods(lab: Lab, kube: MemoryKube) -> dict[str, WorkflowHandle]:
    client, calls = lab.engine.client, Clusters(lab.engine)

    async def reached(id_: str, phase: PodPhase) -> None:
        async def there() -> bool:
            return (await calls.pod(id_)).phase is phase

        await until(there)

    async def start(name: str, idempotent: bool = False) -> str:
        plain = PodInput(Access("file:/k"), "memory", "replayed", name, manifest.manifest(PodSpec("x")))
        id_ = await calls.start_pod(replace(plain, idempotent=idempotent))
        await reached(id_, PodPhase.PENDING)
        kube.set("replayed", name, RUNNING, "n1")
        await reached(id_, PodPhase.RUNNING)
        return id_

    told = await start("told")
    kube.set("replayed", "told", ENDED)
    fine, moved, cancelled = await start("fine"), await start("moved", idempotent=True), await start("cancelled")
    kube.set("replayed", "fine", ENDED)
    await calls.end_pod(cancelled)
    await calls.pod_result(cancelled)
    kube.nodes["n1"] = _node("Unknown")
    await until(lambda: kube.get("v1", "Pod", "moved-2", "replayed"))
    kube.nodes["n1"] = _node("True")
    kube.set("replayed", "moved-2", ENDED)
    ids = {
        "pod-told": told,
        "pod-succeeded": fine,
        "pod-moved": moved,
        "pod-cancelled": cancelled,
        "pod-ended-cancelled": cancelled,
        "pod-local": told,
        "pod-local-moved": moved,
        "pod-local-cancelled": cancelled,
    }
    for id_ in ids.values():
        await calls.pod_result(id_)
    handles = {name: client.get_workflow_handle(id_) for name, id_ in ids.items()}
    return {**handles, "pod-watch": client.get_workflow_handle("pods/memory/replayed")}


def _node(ready: str, name: str = "n1") -> dict:
    return {"metadata": {"name": name, "labels": OURS}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}
