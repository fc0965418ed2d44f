"""Volumes in the console of a real engine, on a real API server: grown, taken a snapshot of, and lost as the plan says.

What a driver's resizer and snapshotter do, the test does: no driver is built here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from kubernetes.client import CoreV1Api
from playwright.sync_api import Page, expect

from activities.kubernetes.client import Kube
from domain.core.documents import Manifest, Node, Object
from domain.volumes.volume import SNAPSHOTS
from tests.heavy.volumes.test_volumes import FAST, takes_snapshots
from tests.support.built_programs import built
from tests.support.by_hand import LATER_MS, Hands, hands_of, soon
from tests.support.command_line import said
from tests.workers.console.browser import chromium

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.timeout(300)]
NAME, CLAIM, VOLUME = "disks", "PersistentVolumeClaim", "PersistentVolume"
CLUSTER = f"""apiVersion: sluiceway/v1
kind: Cluster
name: {NAME}
cluster: {{provider: kwok, pools: [{{name: web, count: 1}}], quotas: [{{namespace: team, claims: 5}}]}}
"""


@dataclass
class Disks:
    hands: Hands
    kube: Kube

    def plan(self, name: str, verb: str, query: str = "") -> Page:
        self.hands.olga.page.goto(f"/volumes/{NAME}/team/{name}/{verb}{query}")
        return self.hands.olga.page

    def snapshot(self) -> Object:
        """The first that is waited for; its snapshotter says that it is ready."""
        found = soon(lambda: next(filter(_waits, self.kube.items(SNAPSHOTS, "VolumeSnapshot", "team")), None))
        name = Node(found).at("metadata", "name").text()
        self.kube.patch(SNAPSHOTS, "VolumeSnapshot", name, {"status": {"readyToUse": True}}, "team")
        return found


def _waits(snapshot: Object) -> bool:
    return not Node(snapshot).at("status", "readyToUse")


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disks]:
    built()
    folder = tmp_path_factory.mktemp("disks")
    with chromium() as browser, hands_of(folder, browser) as hands:
        (folder / "disks.yaml").write_text(CLUSTER)
        try:
            said("cluster", "create", str(folder / "disks.yaml"))
            kube = hands.kube(NAME)
            kube.apply(cast("Manifest", FAST))
            takes_snapshots(kube)
            kube.apply(disk("disk"))
            said("volume", "create", NAME, "data", "-n", "team", "--class", "kwok-volume")
            said("volume", "create", NAME, "disk", "-n", "team", "--class", "csi", "--size-gb", "2")
            yield Disks(hands, kube)
        finally:
            hands.ends(NAME)


def disk(name: str) -> Manifest:
    """Of a driver that takes snapshots, and that deletes it with its claim."""
    spec: Manifest = {
        "capacity": {"storage": "2Gi"},
        "accessModes": ["ReadWriteOnce"],
        "csi": {"driver": "disk.example", "volumeHandle": name},
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": "csi",
        "claimRef": {"namespace": "team", "name": name},
    }
    return {"apiVersion": "v1", "kind": VOLUME, "metadata": {"name": name}, "spec": spec}


def test_a_claim_grows_as_its_plan_says_and_its_page_shows_it(disks: Disks) -> None:
    page = disks.plan("data", "expand", "?size=0.5")
    expect(page.locator("main")).to_contain_text("volumes cannot shrink", timeout=LATER_MS)
    page = disks.plan("data", "expand")
    page.get_by_label("New size").fill("3")
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_role("button", name="Grow").click()
    page.wait_for_url("**/volumes?cluster=*")

    def asked() -> bool:
        found = Node(disks.kube.get("v1", CLAIM, "data", "team"))
        return found.at("spec", "resources", "requests", "storage").text() == "3Gi"

    soon(asked)
    status = {"status": {"phase": "Bound", "capacity": {"storage": "3Gi"}}}
    CoreV1Api(disks.kube.api).patch_namespaced_persistent_volume_claim_status("data", "team", status)
    page.goto(f"/volumes?cluster={NAME}")
    expect(page.get_by_role("row", name="data").first).to_contain_text("3 GiB", timeout=LATER_MS)


def test_a_snapshot_is_taken_where_the_cluster_can(disks: Disks) -> None:
    page = disks.plan("disk", "snapshot")
    page.get_by_role("button", name="Snapshot").click()
    page.wait_for_url("**/volumes?cluster=*")
    taken = disks.snapshot()
    assert Node(taken).at("spec", "source", "persistentVolumeClaimName").text() == "disk"


def test_data_that_is_lost_with_a_claim_is_said_and_saved_first(disks: Disks) -> None:
    page = disks.plan("disk", "delete")
    expect(page.locator("main")).to_contain_text("Its data is lost.")
    expect(page.locator("main")).to_contain_text("its volume disk is deleted too")
    disks.hands.proves(page)
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/volumes?cluster=*")
    taken = disks.snapshot()
    soon(lambda: disks.kube.get("v1", CLAIM, "disk", "team") is None)
    assert disks.kube.get(SNAPSHOTS, "VolumeSnapshot", Node(taken).at("metadata", "name").text(), "team")
