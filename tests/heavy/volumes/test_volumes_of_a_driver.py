"""Volumes of a real CSI driver, with the field's provisioner, resizer and snapshotter, on a real node: grown under a
pod, copied, restored, lost as the plan says, kept as Released, and found when nobody needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from activities.kubernetes.client import Kube
from activities.pods.reading import KubeReader
from domain.clusters.beside.file_volumes import CLASS, DRIVER
from domain.core.documents import Manifest, Node
from domain.pods.manifest import NOBODY, PodSpec, manifest
from domain.volumes.volume import LATE, SNAPSHOTS
from tests.support.built_programs import built, needs_host
from tests.support.by_hand import LATER_MS, Hands, hands_of, soon
from tests.support.command_line import call, said
from tests.support.kube_status import named, phase_of
from tests.support.made_clusters import IMAGE
from tests.workers.console.browser import chromium

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.timeout(400)]
NAME, CLAIM, VOLUME, SNAPSHOT = "disks", "PersistentVolumeClaim", "PersistentVolume", "VolumeSnapshot"
CLUSTER = f"""apiVersion: sluiceway/v1
kind: Cluster
name: {NAME}
cluster:
  provider: host
  network: {{pods: 10.233.0.0/16, services: 10.93.0.0/16, nodes: 10.99.93.0/24}}
  pools: [{{name: web, count: 1}}]
  parts: {{storage: csi-files}}
  quotas: [{{namespace: team, claims: 10}}]
"""
KEEPS = "[ -f /data/word ] || echo {word} >/data/word; cat /data/word; while true; do df -m /data | tail -n 1; sleep 0.3; done"


@dataclass
class Disks:
    hands: Hands
    kube: Kube

    def plan(self, name: str, verb: str, query: str = "") -> Page:
        self.hands.olga.page.goto(f"/volumes/{NAME}/team/{name}/{verb}{query}")
        return self.hands.olga.page

    def mounts(self, claim: str, word: str = "") -> str:
        """A pod of the claim's name, which writes a word where none is; what it reads first."""
        made = manifest(PodSpec(IMAGE, ("sh", "-c", KEEPS.format(word=word)), pull="Never", cpu=0.05, memory_mb=16))
        (container,) = list(Node(made).at("spec", "containers"))
        spec: Manifest = {
            **Node(made)["spec"].object(),
            "terminationGracePeriodSeconds": 0,
            "securityContext": {**Node(made).at("spec", "securityContext").object(), "fsGroup": NOBODY},
            "containers": [{**container.object(), "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
        }
        self.kube.create(named({**made, "spec": spec}, claim, "team"))
        return soon(lambda: self.lines(claim))[0]

    def lines(self, pod: str) -> list[str]:
        if phase_of(self.kube.get("v1", "Pod", pod, "team")) != "Running":
            return []
        return KubeReader(self.kube).log("team", pod, "main").splitlines()

    def free_of(self, claim: str) -> None:
        self.kube.delete("v1", "Pod", claim, "team", grace_s=0)
        soon(lambda: self.kube.get("v1", "Pod", claim, "team") is None)

    def claim(self, name: str) -> Node:
        return Node(self.kube.get("v1", CLAIM, name, "team"))

    def snapshot(self) -> str:
        """The name of the one that is there and ready."""

        def look() -> str:
            found = [Node(one) for one in self.kube.items(SNAPSHOTS, SNAPSHOT, "team")]
            return next((one.at("metadata", "name").text() for one in found if one.at("status", "readyToUse")), "")

        return soon(look)

    def files(self) -> set[str]:
        """What the driver keeps, by folder and name."""
        folder = self.hands.settings.clusters / NAME / "parts" / "csi-files"
        return {str(file.relative_to(folder)).removesuffix(".xfs") for file in folder.glob("*/*.xfs")}


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disks]:
    if not (built() / "csi-v1").is_dir():
        pytest.skip("the CSI driver is not built: make cluster-tools")
    needs_host()
    folder = tmp_path_factory.mktemp("disks")
    with chromium() as browser, hands_of(folder, browser) as hands:
        (folder / "disks.yaml").write_text(CLUSTER)
        try:
            said("cluster", "create", str(folder / "disks.yaml"))
            yield Disks(hands, hands.kube(NAME))
        finally:
            hands.ends(NAME)


def test_a_claim_grows_under_its_pod_as_its_plan_says(disks: Disks) -> None:
    said("volume", "create", NAME, "data", "-n", "team")
    assert disks.mounts("data", "kept") == "kept"
    page = disks.plan("data", "expand", "?size=0.5")
    expect(page.locator("main")).to_contain_text("volumes cannot shrink", timeout=LATER_MS)
    page = disks.plan("data", "expand")
    page.get_by_label("New size").fill("2")
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_role("button", name="Grow").click()
    page.wait_for_url("**/volumes?cluster=*")
    soon(lambda: disks.claim("data").at("status", "capacity", "storage").text() == "2Gi")
    soon(lambda: int(disks.lines("data")[-1].split()[1]) > 1_900)
    page.goto(f"/volumes?cluster={NAME}")
    expect(page.get_by_role("row", name="data").first).to_contain_text("2 GiB", timeout=LATER_MS)


def test_what_a_snapshot_has_is_in_the_claim_that_begins_with_it(disks: Disks) -> None:
    page = disks.plan("data", "snapshot")
    page.get_by_role("button", name="Snapshot").click()
    page.wait_for_url("**/volumes?cluster=*")
    taken = disks.snapshot()
    words = ("volume", "create", NAME, "again", "-n", "team", "--from-snapshot", taken)
    assert "holds 2 GiB, and 1 are requested" in call(*words)[2]
    assert "bound, 3 GiB" in said(*words, "--size-gb", "3")
    assert disks.mounts("again", "lost") == "kept"
    expect(page.locator("main")).to_contain_text(taken, timeout=LATER_MS)


def test_data_that_is_lost_with_a_claim_is_said_and_saved_first(disks: Disks) -> None:
    volume = disks.claim("data").at("spec", "volumeName").text()
    before = disks.files()
    disks.free_of("data")
    page = disks.plan("data", "delete")
    expect(page.locator("main")).to_contain_text("Its data is lost.")
    expect(page.locator("main")).to_contain_text(f"its volume {volume} is deleted too")
    disks.hands.proves(page)
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/volumes?cluster=*")
    soon(lambda: disks.kube.get("v1", CLAIM, "data", "team") is None)
    soon(lambda: disks.kube.get("v1", VOLUME, volume) is None)
    gone, saved = before - disks.files(), disks.files() - before
    assert gone == {f"volumes/{volume}"}
    assert [one.rpartition("@")[0] for one in saved] == [f"snapshots/{volume}"]


def test_what_is_kept_is_told_as_nobodys(disks: Disks) -> None:
    volume = disks.claim("again").at("spec", "volumeName").text()
    disks.kube.patch("v1", VOLUME, volume, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    taken = disks.snapshot()
    content = (
        Node(disks.kube.get(SNAPSHOTS, SNAPSHOT, taken, "team")).at("status", "boundVolumeSnapshotContentName").text()
    )
    disks.kube.patch(SNAPSHOTS, "VolumeSnapshotContent", content, {"spec": {"deletionPolicy": "Retain"}})
    disks.free_of("again")
    assert f"its volume {volume} is kept as Released" in said(
        "volume", "delete", NAME, "again", "-n", "team", "--no-snapshot"
    )
    disks.kube.delete(SNAPSHOTS, SNAPSHOT, taken, "team")
    soon(lambda: disks.kube.get(SNAPSHOTS, SNAPSHOT, taken, "team") is None)
    told = {line.split()[1]: line for line in said("volume", "orphans", NAME).splitlines()[:-1]}
    assert "its claim team/again is gone" in told[volume]
    assert f"its snapshot team/{taken} is gone" in told[content]
    page = disks.hands.olga.page
    page.goto(f"/volumes?cluster={NAME}")
    expect(page.get_by_role("row", name=volume).first).to_contain_text("Released", timeout=LATER_MS)


def test_a_claim_that_waits_for_its_pod_is_done_and_grows_with_the_mount(disks: Disks) -> None:
    late = {"name": "late"}
    disks.kube.apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": late,
            "provisioner": DRIVER,
            "volumeBindingMode": LATE,
            "allowVolumeExpansion": True,
        }
    )
    made = said("volume", "create", NAME, "late", "-n", "team", "--class", "late")
    assert "it is bound when its first pod is scheduled" in made
    assert disks.mounts("late", "here") == "here"
    disks.free_of("late")
    assert "its file system grows when a pod mounts it" in said("volume", "expand", NAME, "late", "2", "-n", "team")
    assert disks.mounts("late") == "here"
    soon(lambda: disks.claim("late").at("status", "capacity", "storage").text() == "2Gi")


def test_what_no_driver_can_make_says_why(disks: Disks) -> None:
    vast = ("--class", CLASS, "--size-gb", "60000", "--timeout", "5")
    _, _, err = call("volume", "create", NAME, "vast", "-n", "team", *vast)
    assert "ProvisioningFailed" in err, err
    assert "this machine has" in err, err
