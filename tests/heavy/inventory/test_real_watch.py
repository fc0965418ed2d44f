"""A real API server with simulated nodes: what breaks in it is a row with its reason, and stops being one."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from activities.inventory.store import InventoryStore
from activities.inventory.tables import CLUSTERS, EVENTS, OBJECTS, WATCHES
from activities.inventory.watch import ClusterWatch
from activities.storage.opening import open_database
from domain.clusters.spec import registered
from domain.core.documents import Manifest
from domain.inventory.model import Health
from tests.support.kube_status import patch_status
from tests.support.lab import until
from workers.client.clusters import Clusters

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
PULL: Manifest = {
    "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}},
    "name": "main",
    "image": "web:1",
}
PULL |= {"imageID": "", "ready": False, "restartCount": 0}


class Kept:
    """What is kept of the cluster."""

    def __init__(self, database):
        self._database, self.store = database, InventoryStore(database)

    def _all(self, table):
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(table.select()).mappings()]

    def lives(self):
        return {row["name"]: row["status"] for row in self._all(CLUSTERS)}

    def of(self, kind):
        return {row["name"]: row for row in self._all(OBJECTS) if row["kind"] == kind}

    def watch(self):
        found = self._all(WATCHES)
        return found[0] | json.loads(found[0]["body"]) if found else {}

    def events(self, reason):
        return [row for row in self._all(EVENTS) if row["reason"] == reason]


@pytest.fixture
def kept(tmp_path):
    database = open_database(tmp_path / "records.db")
    yield Kept(database)
    database.close()


@asynccontextmanager
async def watching(cluster, kept):
    task = asyncio.create_task(ClusterWatch(cluster.name, lambda: cluster.kube, kept.store).run())
    try:
        await until(lambda: kept.watch().get("synced_at"), 60)
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def deployment(name, namespace="default", replicas=2):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}


async def test_everything_is_listed_and_a_change_is_a_row(simulated, kept):
    simulated.kube.apply(deployment("listed"))
    async with watching(simulated, kept):
        assert kept.of("Node")
        assert {"default", "kube-system"} <= kept.of("Namespace").keys()
        assert kept.watch()["version"] == "v1.34.4"
        assert {"API server"} <= {one["name"] for one in kept.watch()["certificates"]}
        assert set(kept.watch()["unwatched"]) <= {"VolumeSnapshot"}
        await until(lambda: kept.of("Deployment")["listed"]["status"] == "Available", 60)
        await asyncio.to_thread(simulated.kube.apply, deployment("changed", replicas=0))
        await until(lambda: kept.of("Deployment")["changed"]["status"] == "ScaledToZero")


async def test_a_pod_that_cannot_be_pulled_is_the_reason_of_its_deployment(simulated, kept):
    simulated.kube.apply(deployment("pulled", replicas=1))
    async with watching(simulated, kept):
        pod = await until(lambda: next(name for name in kept.of("Pod") if name.startswith("pulled-")), 60)
        await until(lambda: kept.of("Pod")[pod]["status"] == "Running", 60)
        unready: Manifest = {"type": "Ready", "status": "False"}
        status: Manifest = {"containerStatuses": [PULL], "phase": "Pending", "conditions": [unready]}
        await asyncio.to_thread(patch_status, simulated.kube, "v1", "Pod", pod, status, "default")
        await until(lambda: kept.of("Pod")[pod]["status"] == "ImagePullBackOff", 30)
        row = await until(
            lambda: one if (one := kept.of("Deployment")["pulled"])["health"] == Health.DEGRADED.rank else None, 30
        )

    assert f"pod {pod}: the image web:1 cannot be pulled" in row["reason"]


async def test_a_quota_that_refuses_pods_is_the_reason_of_its_deployment(simulated, kept):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": "default"},
        "spec": {"hard": {"count/pods": "0"}},
    }
    async with watching(simulated, kept):
        await asyncio.to_thread(simulated.kube.apply, quota)
        await until(lambda: "few" in kept.of("ResourceQuota"), 30)
        await asyncio.to_thread(simulated.kube.apply, deployment("refused"))
        row = await until(lambda: one if (one := kept.of("Deployment")["refused"])["status"] == "Failing" else None, 60)
        warned = await until(lambda: [one for one in kept.events("FailedCreate") if one["name"] == "refused"], 30)
        assert (warned[0]["kind"], warned[0]["ended_at"]) == ("Deployment", 0)
        await asyncio.to_thread(simulated.kube.delete, "v1", "ResourceQuota", "few", "default")
        await asyncio.to_thread(simulated.kube.delete, "apps/v1", "Deployment", "refused", "default")
        await until(lambda: all(one["ended_at"] for one in kept.events("FailedCreate")), 30)

    assert "the namespace's quota is exhausted: few" in row["reason"]


async def test_pods_of_a_node_that_is_not_heard_of_are_unknown(simulated, kept):
    simulated.kube.apply(deployment("lost", replicas=3))
    async with watching(simulated, kept):
        of = "lost-"
        await until(
            lambda: [one for name, one in kept.of("Pod").items() if name.startswith(of) and one["status"] == "Running"],
            60,
        )
        name, row = next((name, one) for name, one in kept.of("Pod").items() if name.startswith(of) and one["node"])
        annotated = {"metadata": {"annotations": {"sluiceway.dev/simulate": "lost"}}}
        await asyncio.to_thread(simulated.kube.patch, "v1", "Node", row["node"], annotated)
        lost = await until(lambda: one if (one := kept.of("Pod")[name])["health"] == Health.UNKNOWN.rank else None, 90)

    assert lost["reason"] == f"its node {row['node']} is not heard of"


async def test_a_registered_cluster_is_watched_by_the_engine_until_it_is_unregistered(lab, simulated):
    kept, name = Kept(lab.records.database), "far-away"
    await Clusters(lab.engine).ask(registered(name, simulated.access.reference))
    await until(lambda: kept.watch().get("synced_at"), 60)
    assert len(kept.of("Node")) == 3
    await until(lambda: kept.lives() == {name: "ready"})
    await Clusters(lab.engine).delete(name)
    await lab.engine.client.get_workflow_handle(f"inventory/{name}").result()

    assert (kept.of("Node"), kept.watch(), kept.lives()) == ({}, {}, {})
