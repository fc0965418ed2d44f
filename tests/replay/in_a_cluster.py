"""Releases to a cluster with hooks, and releases that windows hold, for the replay tests."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.releases.targets.memory import MemoryTarget
from activities.storage.stores.folder import FolderStore
from tests.contracts.targets.kubernetes import TableRouter
from tests.replay import SCENE
from tests.support.clustered import NAMES, begun, registered, seen
from tests.support.fakes import FastClock, Fleet, on_memory
from tests.support.lab import Lab, prepared, until
from tests.workflows.releases import test_kubernetes_releases as staged
from tests.workflows.releases.test_held_releases import WHY, Calendars
from workers.client import releases

SYNC = "jobs:\n  sync:\n    environment: told\n    argocd-sync: {cluster: nowhere, application: shop}\n"


async def in_a_cluster(address: str) -> dict[str, WorkflowHandle]:
    """Live with migrations, and one that goes back; by the names of their histories."""
    plain, router = prepared(address, SCENE / "cluster"), TableRouter()
    kube = MemoryObjects(waiting={staged.BROKEN: "CrashLoopBackOff"})
    target = KubernetesTarget({"edge": kube}.__getitem__, FolderStore(plain.settings.store), {"gateway-api": router})
    acts = ReleaseActivities({"kubernetes": target}, plain.records.releases, MemoryTarget(), permits=plain.permits)
    kept = on_memory(plain, MemoryTarget(), MemorySource(), FastClock())
    others = [one for one in kept if one.__name__ not in ("act", "record")]
    async with Lab.on(address, SCENE / "cluster", [*others, acts.act, acts.record]) as lab:
        staged.registered(lab, "edge")
        await staged.migrated(lab, "edge", "1", 11, "")
        await staged.migrated(lab, "edge", "2", 12, "11")
        staged.registered(lab, "rim", target={"kubernetes": {**staged.PLACE, "namespace": "rim"}})
        for version in ("1", "broken"):
            await staged.released(lab, "rim", version)
        there = staged.bare(SCENE / "cluster" / "git")
        said = {"repository": f"file://{there}", "branch": "main", "path": "{service}.yaml"}
        staged.registered(lab, "told", target={"kubernetes": {**staged.PLACE, "namespace": "told"}}, git=said)
        await staged.released(lab, "told", "1")
        staged.registered(lab, "all", target={"kubernetes": {**staged.PLACE, "namespace": "all"}}, git=said)
        await lab.result(await lab.start(staged.services("all")))
        sync = await lab.start(SYNC)
        await lab.result(sync)
        found = {
            "release-in-a-cluster": "release/web/edge/2",
            "release-in-a-cluster-rolled-back": "release/web/rim/2",
            "environment-in-a-cluster": "environment/edge",
            "release-said-in-git": "release/web/told/1",
            "together-said-in-git": "release/web/all/3",
            "run-argocd-sync": sync,
        }
        return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in found.items()}


async def windowed(address: str) -> dict[str, WorkflowHandle]:
    """A release that waits for its window before its second cluster, and judged parts of one that went on with what all
    have proven.
    """
    fleet, source, calendars = Fleet(), MemorySource(), Calendars()
    kept = on_memory(prepared(address, SCENE / "windows"), fleet, source, FastClock())
    activities = [*(one for one in kept if one.__name__ != "window"), calendars.window]
    async with Lab.on(address, SCENE / "windows", activities) as lab:
        registered(lab, "hours", NAMES[:2], [{"clusters": "canary-eu", "soak": "1h"}, {"clusters": "region=eu"}])
        run = await begun(lab, "hours", "1")
        whole = "release/web/hours/1"
        await seen(lab, whole, "canary-eu", "live")
        calendars.closed = True
        await releases.steer(lab.engine, whole, "promote", "it has soaked enough")

        async def waits() -> bool:
            return (await releases.view(lab.engine, whole)).waiting_for == f"window: {WHY}"

        await until(waits)
        calendars.closed = False
        await lab.result(run)
        registered(lab, "small", NAMES[5:9], [{"clusters": "region=us", "at-once": 4}])
        await lab.result(await begun(lab, "small", "1"))
        source.per_tick = 20
        await lab.result(await begun(lab, "small", "2", "canary"))
        found = {
            "waves-windowed": whole,
            "waves-proved": "release/web/small/2",
            "waves-proved-part": "release/web/small@us-1/2",
        }
        return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in found.items()}
