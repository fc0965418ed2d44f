"""Five clusters, four of them with a fault: somebody who reads the console finds each, and acts on one.

Two have a real node each, three have simulated ones. The walk reads what a person reads: no row of the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from temporalio.client import WorkflowFailureError

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters.lifecycle import Status
from domain.clusters.spec import ClusterSpec
from tests.support.built_programs import built, needs_host
from tests.support.command_line import call
from tests.support.served import serving
from tests.support.walking import Administrator, Walker, walker
from tests.workers.console.browser import chromium
from tests.workflows.clusters.test_clusters import settled
from workers.client.client import connect
from workers.client.clusters import Clusters
from workers.core.settings import Settings
from workers.demo import cluster_faults
from workers.demo.cluster_faults import Fault

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.timeout(600)]
IMAGE = "sluiceway.local/busybox:1"
REAL = ("real-1", "real-2")
SIMULATED = ("sim-1", "sim-2", "sim-3")
TEMPLATES = {
    "real": """apiVersion: sluiceway/v1
kind: Cluster
name: {name}
cluster:
  provider: host
  network: {{pods: 10.{pods}.0.0/16, services: 10.{services}.0.0/16, nodes: 10.99.{number}.0/24}}
  pools: [{{name: web, count: 1}}]
  quotas: [{{namespace: team, cpu: 2, memory-mb: 1024, pods: 10}}]
""",
    "sim": """apiVersion: sluiceway/v1
kind: Cluster
name: {name}
cluster:
  provider: kwok
  pools: [{{name: web, count: 3}}]
  quotas: [{{namespace: team, cpu: 4, memory-mb: 4096, pods: 5}}]
""",
}
SOON_MS = 120_000
"""A node counts as lost after forty seconds without a word."""


@dataclass
class Fleet:
    """Clusters of a home, and how they are reached past it."""

    settings: Settings

    def create(self, name: str, number: int, folder: Path) -> None:
        text = TEMPLATES[name.partition("-")[0]]
        file = folder / f"{name}.yaml"
        file.write_text(text.format(name=name, number=20 + number, pods=200 + number, services=60 + number))
        code, out, err = call("cluster", "create", str(file), "--no-wait")
        assert code == 0, out + err

    async def stand(self) -> None:
        """Returns when all of them are ready."""
        clusters = Clusters(await connect(self.settings))
        for name in (*REAL, *SIMULATED):
            await settled(clusters, name, Status.READY, timeout_s=180)

    async def end(self) -> None:
        """Returns when nothing is left of any."""
        engine = await connect(self.settings)
        for name in (*REAL, *SIMULATED):
            with contextlib.suppress(WorkflowFailureError):
                await engine.client.get_workflow_handle(f"cluster/{name}").result()

    def kube(self, name: str) -> Kube:
        access = AddressBook(self.settings.addresses).find(name)
        return Kube(access, discovery(self.settings.clusters, name))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    built()
    needs_host()
    folder = tmp_path_factory.mktemp("fleet")
    with serving(folder / "home") as settings:
        made = Fleet(settings)
        try:
            for number, name in enumerate((*REAL, *SIMULATED)):
                made.create(name, number, folder)
            asyncio.run(made.stand())
            yield made
        finally:
            for name in (*REAL, *SIMULATED):
                call("cluster", "delete", name, "--no-wait")
            asyncio.run(made.end())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def operator(fleet: Fleet, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    admin = Administrator(fleet.settings, tmp_path_factory.mktemp("admin"))
    with walker(browser, admin.invites("olga", "operator")) as olga:
        yield olga


def found(page: Page, cluster: str, says: str) -> None:
    """Somebody opens the fleet, sees the cluster named there, follows it, and reads why."""
    page.goto("/fleet")
    link = page.locator(f"main a[href='/clusters/{cluster}']").first
    expect(link).to_be_visible(timeout=SOON_MS)
    link.click()
    page.wait_for_url(f"**/clusters/{cluster}")
    expect(page.locator("main")).to_contain_text(re.compile(says, re.I), timeout=SOON_MS)


@contextmanager
def faulty(fault: Fault) -> Iterator[Fault]:
    fault.begins()
    try:
        yield fault
    finally:
        fault.ends()


def test_a_pod_whose_image_cannot_be_pulled_is_found_with_its_image(fleet: Fleet, operator: Walker) -> None:
    with faulty(cluster_faults.unpullable("real-1", fleet.kube("real-1"), "team")) as fault:
        found(operator.page, fault.cluster, "typo")
        operator.page.locator("main").get_by_role("link", name=re.compile("typo")).first.click()
        expect(operator.page.locator("main")).to_contain_text(cluster_faults.ABSENT, timeout=SOON_MS)


def test_a_quota_that_is_exceeded_is_found_with_what_is_missing(fleet: Fleet, operator: Walker) -> None:
    with faulty(cluster_faults.over_quota("sim-1", fleet.kube("sim-1"), "team", IMAGE, 9)) as fault:
        found(operator.page, fault.cluster, "too-many")
        operator.page.locator("main").get_by_role("link", name=re.compile("too-many")).first.click()
        expect(operator.page.locator("main")).to_contain_text("exceeded quota", timeout=SOON_MS)


def test_a_node_that_is_lost_is_found_by_its_name(fleet: Fleet, operator: Walker) -> None:
    with faulty(cluster_faults.lost_node("sim-2", fleet.kube("sim-2"), "sim-2-web-1")) as fault:
        found(operator.page, fault.cluster, "sim-2-web-1")


def test_a_cluster_that_is_cut_off_turns_grey_with_its_age_and_comes_back(fleet: Fleet, operator: Walker) -> None:
    fault = cluster_faults.cut_off(ClusterSpec("sim-3", "kwok"), fleet.settings)
    with faulty(fault):
        found(operator.page, "sim-3", "not heard of")
    expect(operator.page.locator("main")).not_to_contain_text(re.compile("not heard of", re.I), timeout=SOON_MS)


def test_what_was_mended_is_no_longer_told(fleet: Fleet, operator: Walker) -> None:
    operator.page.goto("/fleet")
    expect(operator.page.locator("main")).not_to_contain_text(re.compile("typo|too-many|sim-2-web-1"), timeout=SOON_MS)
    operator.page.goto("/clusters")
    for name in (*REAL, *SIMULATED):
        expect(operator.page.locator("main")).to_contain_text(name)
