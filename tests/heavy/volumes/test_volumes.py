"""Volumes on a real API server: bound, waited for, in use, grown, kept, let go, and found when nobody owns them."""

import asyncio
import secrets

import pytest
from kubernetes.client import CoreV1Api

from activities.clusters.add_ons import lay_down
from activities.volumes.activities import orphans
from activities.volumes.port import VolumeRequest
from domain.core.documents import Manifest
from domain.volumes.volume import SNAPSHOTS, VolumeAction, VolumePhase, VolumeSpec
from tests.support.lab import Lab, until
from workers.client.clusters import Clusters

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]
CLAIM, VOLUME = "PersistentVolumeClaim", "PersistentVolume"
FAST = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "kwok-volume"},
    "provisioner": "kwok.x-k8s.io/volume",
    "allowVolumeExpansion": True,
}


@pytest.fixture
def played(lab: Lab, simulated):
    simulated.known_to(lab)
    simulated.kube.apply(FAST)
    return simulated


def spec(size_gb=2.0, **more):
    return VolumeSpec(f"v-{secrets.token_hex(3)}", "team", size_gb=size_gb, **more)


async def act(lab, action, wanted, limit_s=30.0, **more):
    return await Clusters(lab.engine).volume(VolumeRequest("played", wanted, action, limit_s, **more))


def mounts(wanted):
    container = {"name": "a", "image": "x", "resources": {"requests": {"cpu": "10m"}}}
    confined = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"of-{wanted.name}", "namespace": "team"},
        "spec": {
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{**container, "securityContext": confined}],
            "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": wanted.name}}],
        },
    }


async def test_a_volume_is_provisioned_bound_and_goes_with_its_claim(lab: Lab, played):
    wanted = spec(storage_class="kwok-volume")
    made = await act(lab, VolumeAction.CREATE, wanted)
    again = await act(lab, VolumeAction.CREATE, wanted)

    assert (made.refusal, made.seen.phase, made.seen.capacity_gb) == ("", VolumePhase.BOUND, 2)
    assert again.seen == made.seen
    gone = await act(lab, VolumeAction.DELETE, wanted)
    assert (gone.refusal, gone.words) == ("", f"its volume {made.seen.volume} is deleted too")
    await until(lambda: played.kube.get("v1", VOLUME, made.seen.volume) is None)


async def test_what_nothing_fits_waits_and_says_for_what(lab: Lab, played):
    done = await act(lab, VolumeAction.CREATE, spec(storage_class="none"), limit_s=1)

    assert "storage class none does not exist" in done.refusal


@pytest.mark.parametrize("reclaim", ["Retain", "Delete"])
async def test_a_volume_of_the_nodes_is_kept_or_goes_as_it_says(lab: Lab, played, reclaim):
    wanted = spec(host_path="/srv/data", reclaim=reclaim)
    made = await act(lab, VolumeAction.CREATE, wanted)
    assert (made.seen.phase, made.seen.volume) == (VolumePhase.BOUND, f"team-{wanted.name}")
    gone = await act(lab, VolumeAction.DELETE, wanted)

    assert gone.refusal == ""
    if reclaim == "Retain":
        await until(lambda: f"team-{wanted.name}" in {one.name for one in orphans(played.kube)})
        played.kube.delete("v1", VOLUME, f"team-{wanted.name}")


async def test_a_claim_that_a_pod_uses_goes_only_when_the_pod_has_gone(lab: Lab, played):
    wanted = spec(storage_class="kwok-volume")
    await act(lab, VolumeAction.CREATE, wanted)
    pod = mounts(wanted)
    played.kube.create(pod)
    await until(lambda: played.kube.get("v1", "Pod", pod["metadata"]["name"], "team")["status"]["phase"] == "Running")

    held = await act(lab, VolumeAction.DELETE, wanted, limit_s=2)
    assert f"in use by {pod['metadata']['name']}" in held.refusal
    played.kube.delete("v1", "Pod", pod["metadata"]["name"], "team", grace_s=0)
    assert (await act(lab, VolumeAction.DELETE, wanted)).refusal == ""


async def test_a_volume_grows_where_its_class_can_and_never_shrinks(lab: Lab, played):
    wanted = spec(storage_class="kwok-volume")
    made = await act(lab, VolumeAction.CREATE, wanted)
    bigger, smaller = VolumeSpec(wanted.name, "team", size_gb=5), VolumeSpec(wanted.name, "team", size_gb=1)
    growing = Clusters(lab.engine).volume(VolumeRequest("played", bigger, VolumeAction.EXPAND, 20))

    async def resized() -> bool:  # what a driver's resizer does
        found = played.kube.get("v1", CLAIM, wanted.name, "team")
        if found["spec"]["resources"]["requests"]["storage"] != "5Gi":
            return False
        played.kube.patch("v1", VOLUME, made.seen.volume, {"spec": {"capacity": {"storage": "5Gi"}}})
        status(played.kube, wanted.name, {"status": {"phase": "Bound", "capacity": {"storage": "5Gi"}}})
        return True

    grown = asyncio.ensure_future(growing)
    await until(resized)
    assert ((await grown).refusal, grown.result().seen.capacity_gb) == ("", 5)
    assert "volumes cannot shrink" in (await act(lab, VolumeAction.EXPAND, smaller)).refusal
    assert (await act(lab, VolumeAction.DELETE, bigger)).refusal == ""


def status(kube, name, patch):
    CoreV1Api(kube.api).patch_namespaced_persistent_volume_claim_status(name, "team", patch)


async def test_a_snapshot_is_made_before_a_claim_goes_where_the_cluster_can(lab: Lab, played):
    takes_snapshots(played.kube)
    wanted = spec()
    body = {"driver": "disk.example", "volumeHandle": wanted.name}
    volume = {
        "apiVersion": "v1",
        "kind": VOLUME,
        "metadata": {"name": wanted.name},
        "spec": {
            "capacity": {"storage": "2Gi"},
            "accessModes": ["ReadWriteOnce"],
            "csi": body,
            "storageClassName": "csi",
            "claimRef": {"namespace": "team", "name": wanted.name},
        },
    }
    played.kube.apply(volume)
    await act(lab, VolumeAction.CREATE, VolumeSpec(wanted.name, "team", size_gb=2, storage_class="csi"))

    going = asyncio.ensure_future(act(lab, VolumeAction.DELETE, wanted, snapshot=True, key="k1"))
    name = f"{wanted.name}-k1"
    await until(lambda: played.kube.get(SNAPSHOTS, "VolumeSnapshot", name, "team"))
    played.kube.patch(SNAPSHOTS, "VolumeSnapshot", name, {"status": {"readyToUse": True}}, "team")
    done = await going
    assert (done.refusal, done.snapshot) == ("", name)


def takes_snapshots(kube):
    """The kinds of a snapshot controller, and a class of the driver that is played."""
    known = [definition("VolumeSnapshot", "Namespaced"), definition("VolumeSnapshotClass", "Cluster")]
    kind: Manifest = {"apiVersion": SNAPSHOTS, "kind": "VolumeSnapshotClass", "metadata": {"name": "disk"}}
    lay_down(kube, [*known, {**kind, "driver": "disk.example", "deletionPolicy": "Delete"}])


def definition(kind, scope):
    """As the snapshot controller's, as far as the API server cares."""
    plural = {"VolumeSnapshot": "volumesnapshots", "VolumeSnapshotClass": "volumesnapshotclasses"}[kind]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.snapshot.storage.k8s.io",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": "snapshot.storage.k8s.io",
            "scope": scope,
            "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


async def test_a_jobs_volume_is_there_for_the_jobs_after_it(lab: Lab, played):
    name = f"v-{secrets.token_hex(3)}"
    jobs = f"""jobs:
  data:
    volume: {{cluster: played, namespace: team, name: {name}, size-gb: 2, storage-class: kwok-volume}}
  says:
    needs: data
    env: {{PHASE: "${{{{ needs.data.outputs.phase }}}}"}}
    run: test "$PHASE" = bound
  gone:
    needs: says
    volume: {{cluster: played, namespace: team, name: {name}, do: delete}}
"""
    result, _ = await lab.run(jobs)

    assert result.status == "passed", result.reason
    assert played.kube.get("v1", CLAIM, name, "team") is None
