"""A cluster is looked after for as long as it lives: broken nodes and pods go, within limits that hold."""

from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import WorkflowFailureError

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from activities.clusters.remediation import RemediationActivities
from activities.kubernetes.memory import MemoryKube
from domain.clusters.lifecycle import Status
from domain.clusters.manifests import OURS
from domain.clusters.plan import Phase
from domain.clusters.remediation import CORDONED, RepairPolicy
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.errors import RefusedError
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from tests.workflows.clusters.test_clusters import settled
from workers.client.clusters import Clusters
from workers.worker.temporal import Activity
from workflows.clusters import cluster
from workflows.core import activity_options as options

QUICK = RepairPolicy(node_grace_s=0)


def node(name, ready="True", pressure="False"):
    conditions = [("Ready", ready), ("DiskPressure", pressure)]
    return {
        "metadata": {"name": name, "labels": OURS, "creationTimestamp": "2023-11-14T22:13:20Z"},
        "status": {"conditions": [{"type": kind, "status": status} for kind, status in conditions]},
    }


def crashing(name):
    waiting = {"restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    meta = {"namespace": "team", "name": name, "ownerReferences": [{"controller": True}]}
    return {"metadata": meta, "spec": {}, "status": {"phase": "Running", "containerStatuses": [waiting]}}


@pytest.fixture
def kube():
    return MemoryKube(nodes={f"n{number}": node(f"n{number}") for number in range(10)})


@pytest.fixture
def provider():
    return MemoryProvider()


@pytest.fixture
async def clusters(temporal_address, tmp_path, provider, kube):
    made, heal = (
        ClusterActivities({"memory": provider}, permits=Everything()),
        RemediationActivities(lambda access, cluster: kube, permits=Everything(), look_s=0.05),
    )
    activities: list[Activity] = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    async with Lab.on(
        temporal_address, tmp_path, [*activities, heal.survey, heal.mend, *PlayedInventory().all()]
    ) as lab:
        yield Clusters(lab.engine)


@pytest.fixture
async def name(clusters, request):
    name = f"h-{request.node.name[:40].replace('_', '-')}"
    await clusters.ask(ClusterSpec(name, "memory"))
    await settled(clusters, name, Status.READY)
    return name


def lose(kube, *names):
    for one in names:
        kube.nodes[one] = node(one, "Unknown")


async def told(clusters, name, *words):
    async def there():
        view = await clusters.healing(name)
        log = " | ".join(entry.words for entry in view.log)
        return view if all(word in log for word in words) else None

    return await until(there)


async def test_lost_nodes_are_replaced_until_the_hour_is_full(clusters, kube, provider, name):
    await clusters.guard(name, QUICK)
    provider.calls.clear()
    lose(kube, "n1", "n2", "n3", "n4")
    await told(
        clusters, name, "n4: left alone, the limit of 3 actions per hour", "n1: replace, not ready", "n3: replace"
    )

    assert sorted(kube.nodes) == ["n0", "n4", "n5", "n6", "n7", "n8", "n9"]
    await until(lambda: "apply nodes" in provider.calls)


async def test_the_breaker_holds_where_too_many_nodes_are_lost(clusters, kube, name):
    lose(kube, *(f"n{number}" for number in range(6)))
    await clusters.guard(name, QUICK)
    view = await told(clusters, name, "n0, n1, n2 and 3 more: left alone, the circuit breaker is open: 6 of 10 nodes")

    assert (len(kube.nodes), view.done) == (10, [])


async def test_a_dry_run_does_nothing_and_another_policy_counts_at_once(clusters, kube, name):
    lose(kube, "n1")
    await clusters.guard(name, RepairPolicy(dry_run=True, node_grace_s=0))
    await told(clusters, name, "n1: left alone, dry run")
    assert "n1" in kube.nodes

    await clusters.guard(name, QUICK)
    await until(lambda: "n1" not in kube.nodes)


async def test_a_full_node_is_closed_and_opened_when_that_has_passed(clusters, kube, name):
    kube.nodes["n1"] = node("n1", pressure="True")
    await clusters.guard(name, QUICK)
    await until(lambda: kube.nodes["n1"].get("spec") == {"unschedulable": True})
    kube.nodes["n1"]["status"] = node("n1")["status"]
    await until(lambda: kube.nodes["n1"]["spec"] == {"unschedulable": False})

    assert CORDONED not in kube.nodes["n1"]["metadata"]["annotations"]


async def test_a_pod_that_crashes_again_and_again_is_made_anew(clusters, kube, name):
    kube.pods[("team", "a")] = crashing("a")
    await clusters.guard(name, QUICK)

    await until(lambda: not kube.pods)


async def test_a_node_that_stays_full_is_emptied_but_for_what_would_come_back_at_once(clusters, kube, name):
    kube.nodes["n1"] = node("n1", pressure="True")
    for pod, owner, where in [("moves", "ReplicaSet", "n1"), ("stays", "DaemonSet", "n1"), ("other", "Job", "n2")]:
        meta = {"namespace": "team", "name": pod, "ownerReferences": [{"controller": True, "kind": owner}]}
        kube.pods[("team", pod)] = {"metadata": meta, "spec": {"nodeName": where}, "status": {"phase": "Running"}}
    await clusters.guard(name, QUICK)
    await told(clusters, name, "n1: drain, cordoned, and still under DiskPressure")

    assert sorted(pod for _, pod in kube.pods) == ["other", "stays"]


async def test_a_workload_of_which_many_pods_crash_is_restarted_once(clusters, kube, name):
    owner = {"controller": True, "kind": "StatefulSet", "name": "db"}
    for pod in ("db-0", "db-1"):
        kube.pods[("team", pod)] = crashing(pod)
        kube.pods[("team", pod)]["metadata"]["ownerReferences"] = [owner]
    await clusters.guard(name, QUICK)
    await told(clusters, name, "team/StatefulSet/db: restart, 2 of its pods keep crashing")

    template = kube.changes["StatefulSet team/db"]["spec"]["template"]
    assert "kubectl.kubernetes.io/restartedAt" in template["metadata"]["annotations"]
    assert len(kube.pods) == 2


async def test_healing_ends_with_its_cluster_or_when_it_is_told_to(clusters, name):
    for _ in range(2):  # what was ended can begin again
        await clusters.guard(name, QUICK)
        await clusters.guard(name, None)
        await ended(clusters, name)
    await clusters.guard(name, QUICK)
    await clusters.delete(name)
    await ended(clusters, name)


def once_guarded(self):
    return self._state.guarded and not workflow.info().continued_run_id


async def test_healing_goes_on_with_what_it_has_done_where_its_cluster_continues_as_new(
    clusters, kube, name, monkeypatch
):
    handle = clusters.engine.client.get_workflow_handle(f"cluster/{name}")
    first = (await handle.describe()).run_id
    await clusters.guard(name, QUICK)
    lose(kube, "n1", "n2")
    await told(clusters, name, "n1: replace", "n2: replace")
    monkeypatch.setattr(cluster.ClusterWorkflow, "_must_continue", once_guarded)
    await handle.signal("mend", "wake up")

    async def continued():
        return (await handle.describe()).run_id != first

    await until(continued)
    lose(kube, "n3", "n4")
    await told(clusters, name, "n1: replace", "n3: replace", "n4: left alone, the limit of 3 actions per hour")
    await clusters.guard(name, None)
    await ended(clusters, name)


async def test_healing_that_somebody_has_ended_in_temporal_is_off_says_so_and_is_turned_on_again(clusters, kube, name):
    await clusters.guard(name, QUICK)
    await clusters.engine.client.get_workflow_handle(f"heal/{name}").terminate()

    async def off():
        view = await clusters.view(name)
        return not view.guarded and view.log[-1].words.startswith("automatic repair has ended: ")

    await until(off)
    await clusters.guard(name, QUICK)
    lose(kube, "n1")
    await until(lambda: "n1" not in kube.nodes)


@pytest.mark.system
async def test_what_is_gone_of_a_guarded_cluster_is_made_again_also_after_a_mending_that_stopped(
    clusters, provider, monkeypatch
):
    monkeypatch.setattr(cluster, "HEALTH_CHECK_INTERVAL", timedelta(milliseconds=200))
    spec = ClusterSpec("h-thinned", "memory", pools=(NodePool("web", 2),))
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    await clusters.guard(spec.name, QUICK)
    provider.failing[Phase.NETWORK] = ["no room"] * options.CLUSTER_TRIES
    provider.clusters[spec.name][Phase.NODES].pop()

    async def repaired():
        view = await clusters.view(spec.name)
        stopped = any("heal stopped" in entry.words for entry in view.log)
        return stopped and view.status is Status.READY and view.health.nodes == 2

    await until(repaired)
    await clusters.delete(spec.name)


async def ended(clusters, name):
    with pytest.raises(WorkflowFailureError):
        await clusters.engine.client.get_workflow_handle(f"heal/{name}").result()


async def test_a_cluster_that_cannot_be_reached_yet_is_not_looked_after(clusters, provider):
    provider.blocked = "no room"
    await clusters.ask(ClusterSpec("h-nowhere", "memory"))
    with pytest.raises(RefusedError):
        await clusters.guard("h-nowhere", QUICK)
