"""A real cluster by a form, and what people do in it by hand: a quota, limits, an exception that ends, volumes.

One engine with its server, one person who runs clusters, one who asks, one who agrees: each in a browser or far away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from activities.clusters.providers.local.audit_log import log_of
from activities.kubernetes.client import Kube
from activities.pods.reading import KubeReader
from domain.core.documents import Manifest, Node
from domain.pods.manifest import PodSpec, manifest
from tests.support.built_programs import built, needs_host
from tests.support.by_hand import LATER_MS, Hands, hands_of, soon
from tests.support.command_line import call, said
from tests.support.kube_status import named
from tests.support.made_clusters import IMAGE
from tests.workers.console.browser import chromium

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.timeout(400)]
NAME = "hand"
TEMPLATE = """apiVersion: sluiceway/v1
kind: ClusterTemplate
name: team
description: A real node and an isolated namespace.
params:
  nodes: {type: integer, default: 1, description: How many real nodes.}
cluster:
  provider: host
  connection: {audit: metadata, impersonate: "true"}
  network: {pods: 10.231.0.0/16, services: 10.91.0.0/16, nodes: 10.99.91.0/24, isolated: true}
  pools: [{name: web, count: "${{ params.nodes }}"}]
  parts: {firewall: kube-router}
  quotas: [{namespace: shop, cpu: 1, memory-mb: 512, pods: 4}]
"""
REFUSED = (
    TEMPLATE.replace("name: team", "name: refused").replace("{name: web,", "{name: web, labels: {team: -ops-},")
    .replace("10.231", "10.232").replace("10.91", "10.92").replace("10.99.91", "10.99.92")
)  # fmt: skip
"""Its nodes join, and then no API server takes their label."""
SERVES = "exec httpd -f -p 8080 -h /tmp"
ASKS = "while true; do nc -w 1 {ip} 8080 </dev/null && echo open || echo closed; sleep 0.3; done"


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    built()
    needs_host()
    with (
        chromium() as browser,
        hands_of(tmp_path_factory.mktemp("hand"), browser, {"team": TEMPLATE, "refused": REFUSED}) as made,
    ):
        try:
            yield made
        finally:
            made.ends(NAME, "broken")


def planned(page: Page, name: str, template: str = "team") -> None:
    """From the template to the page of its plan."""
    page.goto("/clusters/new")
    page.get_by_role("link", name=f"Use {template}").click()
    page.get_by_label("Name", exact=True).fill(name)
    expect(page.locator("#checks")).to_contain_text("It can be made.")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("main")).to_contain_text(f"{name}-web-0")


def run(kube: Kube, name: str, namespace: str, script: str) -> None:
    made = manifest(PodSpec(IMAGE, ("sh", "-c", script), pull="Never", cpu=0.1, memory_mb=32))
    kube.create(named(made, name, namespace))


def edits(user: str) -> Manifest:
    """As an administrator of the cluster gives a role, who knows nothing of the engine."""
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "edits", "namespace": "shop"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }


def test_a_cluster_is_made_by_the_form_and_its_phases_are_seen_live(hands: Hands) -> None:
    page = hands.olga.page
    planned(page, NAME)
    hands.begins(page, NAME)
    for phase in ("Control plane", "Nodes"):
        expect(page.get_by_role("row", name=f"{phase} under way")).to_be_visible(timeout=LATER_MS)
    expect(page.locator("main")).to_contain_text("It is done.", timeout=LATER_MS)
    expect(page.get_by_role("row", name="Nodes done")).to_be_visible()
    page.goto(f"/clusters/{NAME}/nodes")
    expect(page.locator("main")).to_contain_text(f"{NAME}-web-0", timeout=LATER_MS)


def test_a_quota_and_limits_are_in_the_cluster_once_somebody_else_agreed(hands: Hands) -> None:
    kube, tenant = hands.kube(NAME), "tenant"
    quota = hands.asks("quota", NAME, "shop", "--pods", "6")
    limits = hands.asks("limits", NAME, "shop", "--cpu", "0.5", "--memory-mb", "128")
    assert Node(kube.get("v1", "ResourceQuota", tenant, "shop")).at("spec", "hard", "pods").text() == "4"
    hands.done(NAME, quota, "applied")
    hands.done(NAME, limits, "applied")
    assert Node(kube.get("v1", "ResourceQuota", tenant, "shop")).at("spec", "hard", "pods").text() == "6"
    (entry,) = list(Node(kube.get("v1", "LimitRange", tenant, "shop")).at("spec", "limits"))
    assert entry["max"].strings() == {"cpu": "500m", "memory": "128Mi"}


def test_an_exception_lets_packets_through_until_its_time_and_then_no_more(hands: Hands) -> None:
    kube = hands.kube(NAME)
    run(kube, "serves", "shop", SERVES)
    ip = soon(lambda: Node(kube.get("v1", "Pod", "serves", "shop")).at("status", "podIP").text())
    run(kube, "asks", "default", ASKS.format(ip=ip))

    def last() -> str:
        return KubeReader(kube).log("default", "asks", "main").rstrip().rpartition(" ")[2]

    soon(lambda: last() == "closed")
    number = hands.asks("exception", NAME, "shop", "--from", "default", "--for", "75s")
    hands.done(NAME, number, "in force")
    soon(lambda: last() == "open")
    hands.reaches(NAME, number, "ended")
    soon(lambda: last() == "closed")
    policy = Node(kube.get("networking.k8s.io/v1", "NetworkPolicy", "tenant", "shop"))
    assert "default" not in str(policy["spec"].object())


@pytest.mark.parametrize(
    ("name", "reclaim", "fate"), [("kept", "Retain", "is kept as Released"), ("lost", "Delete", "Its data is lost.")]
)
def test_a_volume_of_the_nodes_goes_as_its_plan_says_and_what_it_cannot_do_is_said(
    hands: Hands, name: str, reclaim: str, fate: str
) -> None:
    where = f"/tmp/sluiceway-{NAME}-{name}"
    said("volume", "create", NAME, name, "-n", "shop", "--host-path", where, "--reclaim", reclaim)
    page, at = hands.olga.page, f"/volumes/{NAME}/shop/{name}"
    page.goto(f"/volumes?cluster={NAME}")
    expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()
    page.goto(f"{at}/snapshot")
    expect(page.locator("main")).to_contain_text("this cluster cannot snapshot it")
    page.goto(f"{at}/expand?size=2")
    expect(page.locator("main")).to_contain_text("does not allow expansion")
    page.goto(f"{at}/delete")
    expect(page.locator("main")).to_contain_text(fate)
    hands.proves(page)
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/volumes?cluster=*")
    kube = hands.kube(NAME)
    assert kube.get("v1", "PersistentVolumeClaim", name, "shop") is None
    if reclaim == "Retain":
        soon(
            lambda: Node(kube.get("v1", "PersistentVolume", f"shop-{name}")).at("status", "phase").text() == "Released"
        )


def test_what_a_person_does_the_clusters_own_audit_log_has_under_their_name(hands: Hands) -> None:
    kube, olga = hands.kube(NAME), hands.far("olga")
    run(kube, "odd", "shop", "trap 'exit 0' TERM; while true; do sleep 0.2; done")
    words = ("pod", "delete", NAME, "odd", "-n", "shop", "--any", "--reason", "nobody knows it")
    code, _, err = call(*words, env=olga)
    assert (code, "sluiceway:olga" in err, "SLW974" in err) == (3, True, True), err
    kube.create(edits("sluiceway:olga"))
    soon(lambda: call(*words, env=olga)[0] == 0)
    soon(lambda: kube.get("v1", "Pod", "odd", "shop") is None)
    log = log_of(hands.settings.clusters / NAME).read_text().splitlines()
    about = [one for one in map(Node, map(json.loads, log)) if one.at("objectRef", "name").text() == "odd"]
    theirs = [one for one in about if one["verb"].text() == "delete" and one["impersonatedUser"]]
    assert {one.at("impersonatedUser", "username").text() for one in theirs} == {"sluiceway:olga"}
    assert {one.at("user", "username").text() for one in theirs} == {"sluiceway"}
    assert 200 in {one.at("responseStatus", "code").whole() for one in theirs}


def test_what_cannot_be_made_is_taken_down_again_before_the_readers_eyes(hands: Hands) -> None:
    page = hands.olga.page
    planned(page, "broken", "refused")
    hands.begins(page, "broken")
    expect(page.locator("main")).to_contain_text("what was begun is taken down again, backwards", timeout=LATER_MS)
    expect(page.locator("main")).to_contain_text("-ops-")
    expect(page.get_by_role("row", name="Nodes nothing is left")).to_be_visible(timeout=LATER_MS)
    expect(page.locator("main")).to_contain_text("What was begun is taken down, and nothing is left.", timeout=LATER_MS)
    page.goto("/clusters/broken/progress")
    expect(page.locator("main")).to_contain_text("-ops-")
