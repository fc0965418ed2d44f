"""Volumes of a real CSI driver, with Kubernetes' provisioner, resizer and snapshotter, on a real node: grown under a
pod, copied, restored, lost, kept as Released, and found when nobody needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.clusters.providers.local.host import HostProvider
from activities.pods.reading import KubeReader
from activities.volumes.activities import orphans
from activities.volumes.port import VolumeDone, VolumeRequest
from domain.clusters.beside.file_volumes import DRIVER
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota
from domain.core.documents import Manifest, Node
from domain.pods.manifest import NOBODY, PodSpec, manifest
from domain.volumes.volume import LATE, SNAPSHOTS, VolumeAction, VolumePhase, VolumeSpec
from tests.support.built_programs import built, needs_host
from tests.support.kube_status import named, phase_of
from tests.support.lab import Lab, until
from tests.support.made_clusters import IMAGE, Made, made
from workers.client.clusters import Clusters

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(240)]
NAME, VOLUME, SNAPSHOT, CONTENT = "disks", "PersistentVolume", "VolumeSnapshot", "VolumeSnapshotContent"
NETWORK = Network("10.233.0.0/16", "10.93.0.0/16", "10.99.93.0/24")
KEEPS = (
    "[ -f /data/word ] || echo {} >/data/word; cat /data/word; while true; do df -m /data | tail -n 1; sleep 0.3; done"
)


@dataclass
class Disks:
    cluster: Made
    folder: Path
    """Where the driver keeps files."""

    def files(self) -> set[str]:
        return {str(file.relative_to(self.folder)).removesuffix(".xfs") for file in self.folder.glob("*/*.xfs")}

    async def mounts(self, claim: str, word: str) -> str:
        """A pod of the claim's name, which writes a word where none is; what it reads first."""
        one = manifest(PodSpec(IMAGE, ("sh", "-c", KEEPS.format(word)), pull="Never", cpu=0.05, memory_mb=16))
        (container,) = Node(one).at("spec", "containers")
        spec: Manifest = {
            **Node(one)["spec"].object(),
            "terminationGracePeriodSeconds": 0,
            "securityContext": {**Node(one).at("spec", "securityContext").object(), "fsGroup": NOBODY},
            "containers": [{**container.object(), "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
        }
        self.cluster.kube.create(named({**one, "spec": spec}, claim, "team"))
        await until(lambda: self.lines(claim), 60)
        return self.lines(claim)[0]

    def lines(self, pod: str) -> list[str]:
        if phase_of(self.cluster.kube.get("v1", "Pod", pod, "team")) != "Running":
            return []
        said = KubeReader(self.cluster.kube).log("team", pod, "main")
        return [line.partition(" ")[2] for line in said.splitlines()]  # after its time

    def has_mb(self, pod: str) -> int:
        return int(self.lines(pod)[-1].split()[1])

    async def free(self, claim: str) -> None:
        self.cluster.kube.delete("v1", "Pod", claim, "team", grace_s=0)
        await until(lambda: self.cluster.kube.get("v1", "Pod", claim, "team") is None, 60)


@pytest.fixture(scope="module")
def made_disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disks]:
    tools = built()
    needs_host()
    root = tmp_path_factory.mktemp("disks")
    provider = HostProvider(root / "clusters", tools)
    parts, quotas = {"storage": "csi-files"}, (Quota("team", claims=10),)
    spec = ClusterSpec(NAME, "host", network=NETWORK, pools=(NodePool("web"),), parts=parts, quotas=quotas)
    if why := provider.blocker(spec):
        pytest.skip(why)
    with made(provider, spec, root) as cluster:
        yield Disks(cluster, root / "clusters" / NAME / "parts" / "csi-files")


@pytest.fixture
def disks(lab: Lab, made_disks: Disks) -> Disks:
    made_disks.cluster.known_to(lab)
    return made_disks


async def act(lab: Lab, action: VolumeAction, name: str, size_gb: float = 1, **more: str) -> VolumeDone:
    key = more.pop("key", "")
    spec = VolumeSpec(name, "team", size_gb=size_gb, **more)  # type: ignore[arg-type]
    limit_s = 6 if name == "vast" else 90
    return await Clusters(lab.engine).volume(VolumeRequest(NAME, spec, action, limit_s, bool(key), key))


async def test_data_grows_under_its_pod_and_comes_back_from_a_snapshot(lab: Lab, disks: Disks) -> None:
    assert (await act(lab, VolumeAction.CREATE, "data")).seen.phase is VolumePhase.BOUND
    assert await disks.mounts("data", "kept") == "kept"
    grown = await act(lab, VolumeAction.EXPAND, "data", 2)
    assert (grown.refusal, grown.seen.capacity_gb) == ("", 2)
    await until(lambda: disks.has_mb("data") > 1_900, 30)
    taken = (await act(lab, VolumeAction.SNAPSHOT, "data", key="first")).snapshot
    small = await act(lab, VolumeAction.CREATE, "again", from_snapshot=taken)
    assert small.refusal == f"snapshot {taken} holds 2 GiB, and 1 are requested"
    assert (await act(lab, VolumeAction.CREATE, "again", 3, from_snapshot=taken)).refusal == ""
    assert await disks.mounts("again", "lost") == "kept"
    assert disks.has_mb("again") > 2_900


async def test_data_that_is_lost_with_a_claim_is_saved_first(lab: Lab, disks: Disks) -> None:
    before = disks.files()
    await disks.free("data")
    gone = await act(lab, VolumeAction.DELETE, "data", key="second")
    volume = gone.words.split()[2]
    assert gone.words == f"its volume {volume} is deleted too"
    await until(lambda: disks.cluster.kube.get("v1", VOLUME, volume) is None, 30)
    assert before - disks.files() == {f"volumes/{volume}"}
    assert [one.rpartition("@")[0] for one in disks.files() - before] == [f"snapshots/{volume}"]


async def test_what_is_kept_is_told_as_nobodys(lab: Lab, disks: Disks) -> None:
    kube = disks.cluster.kube
    volume = Node(kube.get("v1", "PersistentVolumeClaim", "again", "team")).at("spec", "volumeName").text()
    kube.patch("v1", VOLUME, volume, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    taken = Node(kube.get(SNAPSHOTS, SNAPSHOT, "data-first", "team"))
    content = taken.at("status", "boundVolumeSnapshotContentName").text()
    kube.patch(SNAPSHOTS, CONTENT, content, {"spec": {"deletionPolicy": "Retain"}})
    await disks.free("again")
    assert "is kept as Released, with its data" in (await act(lab, VolumeAction.DELETE, "again")).words
    kube.delete(SNAPSHOTS, SNAPSHOT, "data-first", "team")
    await until(lambda: kube.get(SNAPSHOTS, SNAPSHOT, "data-first", "team") is None, 30)
    await until(lambda: phase_of(kube.get("v1", VOLUME, volume)) == "Released", 30)
    told = {one.name: one.why for one in orphans(kube)}
    assert told == {volume: "its claim team/again is gone", content: "its snapshot team/data-first is gone"}


async def test_a_claim_that_waits_for_its_pod_grows_with_the_next_mount(lab: Lab, disks: Disks) -> None:
    late: Manifest = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "late"}}
    disks.cluster.kube.apply({**late, "provisioner": DRIVER, "volumeBindingMode": LATE, "allowVolumeExpansion": True})
    waits = await act(lab, VolumeAction.CREATE, "late", storage_class="late")
    assert waits.words == "it is bound when its first pod is scheduled"
    assert await disks.mounts("late", "here") == "here"
    await disks.free("late")
    assert (await act(lab, VolumeAction.EXPAND, "late", 2)).words == "its file system grows when a pod mounts it"
    assert await disks.mounts("late", "lost") == "here"
    await until(lambda: disks.has_mb("late") > 1_900, 60)


async def test_what_no_driver_can_make_says_why(lab: Lab, disks: Disks) -> None:
    refused = (await act(lab, VolumeAction.CREATE, "vast", 60_000)).refusal
    assert "ProvisioningFailed" in refused, refused
    assert "this machine has" in refused, refused
