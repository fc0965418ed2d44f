"""The worker of a cluster that dials out, from its own image, in a pod of a real node: one HTTPS address is its way out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from activities.clusters.providers.local.certificates import Pki
from activities.supervisor.service import free_port
from domain.core.documents import Node
from domain.inventory.dial_out_manifest import NAME, NAMESPACE
from tests.support.command_line import call
from tests.support.lab import until
from tests.support.made_clusters import Made
from tests.support.programs import program
from tests.support.served import serving
from tests.support.walking import Administrator
from tests.support.worker_image import TAG, worker_image
from workers.core.settings import Settings

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
FAR, HOST = "factory", "ci.example.test"


@contextmanager
def reached_by_pods(address: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Another server of the home that is chosen: its URL, and the file of its own authority."""
    pki = Pki(folder)
    folder.mkdir()
    pki.authority("ca")
    pki.leaf("server", "ca", "server", hosts=[HOST])
    port = free_port()
    words = [
        "--listen",
        f"{address}:{port}",
        "--url",
        f"https://{HOST}:{port}",
        "--tls-cert",
        pki.crt("server"),
        "--tls-key",
        pki.key("server"),
    ]
    with subprocess.Popen([program("sluiceway"), "server", *words]) as server:
        try:
            yield f"https://{HOST}:{port}", pki.crt("ca")
        finally:
            server.terminate()


@pytest.fixture
def node(real_node: Made) -> Iterator[Made]:
    """With the worker's image, and without anything of it afterwards."""
    subprocess.run([*real_node.ctr, "images", "import", str(worker_image())], check=True)
    yield real_node
    real_node.kube.delete("v1", "Namespace", NAMESPACE)
    for kind in ("ClusterRoleBinding", "ClusterRole"):
        real_node.kube.delete("rbac.authorization.k8s.io/v1", kind, NAME)


def api_of(node: Made) -> str:
    """Where pods reach the API server: behind its service."""
    (one,) = Node(node.kube.get("v1", "Endpoints", "kubernetes", "default"))["subsets"]
    address, port = next(iter(one["addresses"])), next(iter(one["ports"]))
    return f"{address['ip'].text()}:{port['port'].whole()}"


def ready(node: Made) -> list[str]:
    """The worker's pods that are dialled in."""
    found = [Node(one) for one in node.kube.items("v1", "Pod", NAMESPACE)]
    return [
        one["metadata"]["name"].text()
        for one in found
        if not one["metadata"]["deletionTimestamp"]
        and any(each["ready"].value is True for each in one["status"]["containerStatuses"])
    ]


def applied(node: Made, manifest: str) -> None:
    for one in json.loads(manifest)["items"]:
        node.kube.apply(one)


async def test_the_worker_in_a_pod_tells_until_it_is_killed_and_the_next_one_goes_on_with_a_renewed_token(
    node: Made, tmp_path: Path
):
    with serving(tmp_path / "home") as chosen, reached_by_pods(node.machine, tmp_path / "pki") as (url, authority):
        await _told(node, chosen, url, authority, tmp_path)


async def _told(node: Made, chosen: Settings, url: str, authority: str, folder: Path) -> None:
    code, out, err = call("cluster", "register", FAR, "--dials-out")
    assert code == 0, out + err
    somebody = Administrator(chosen, folder / "logins")

    def row() -> Any:
        return json.loads(somebody.says("fleet", "cluster", FAR, "--json"))["row"]

    def manifest() -> str:
        words = ("--image", TAG, "--url", url, "--address", node.machine, "--ca-file", authority, "--api", api_of(node))
        return somebody.says("cluster", "manifest", FAR, *words)

    applied(node, manifest())
    (first,) = await until(lambda: ready(node), 120)
    await until(lambda: row()["freshness"] == "live" and row()["synced"], 60)
    assert row()["worker_fits"] == "same"

    old = json.loads(somebody.says("token", "list", "--json"))[0]["id"]
    applied(node, manifest())
    node.kube.patch("v1", "Pod", first, {"metadata": {"annotations": {"look": "again"}}}, NAMESPACE)
    somebody.says("token", "revoke", old)
    await until(lambda: row()["freshness"] == "live" and ready(node) == [first], 120)

    node.kube.patch("apps/v1", "Deployment", NAME, {"spec": {"replicas": 0}}, NAMESPACE)
    await until(lambda: row()["freshness"] == "stale" and row()["health"] == "unknown", 90)
    node.kube.patch("apps/v1", "Deployment", NAME, {"spec": {"replicas": 1}}, NAMESPACE)
    await until(lambda: ready(node) and row()["freshness"] == "live", 120)
