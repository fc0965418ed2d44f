"""Maps, networks, storage and room of the seeded clusters: near and far alike, within bounds, and only what may be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.access.actions import Action
from domain.core.errors import RefusedError, SluicewayError
from domain.inventory.generated import Declares, PolicyState
from domain.inventory.model import Freshness, Health, ObjectRow
from domain.inventory.reach import Answer
from domain.inventory.room import Asked
from domain.inventory.topology import Box, BoxKind, EdgeKind
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import memory_client, seeded
from workers.client.ports.client import Client
from workers.client.ports.fleets import ObjectFilter
from workers.client.ports.pages import PageOf
from workers.client.ports.topology import ProbeRow, TopologyMap
from workers.client.topology.maps import MOST_IN_TABLE, MOST_ROWS
from workers.client.topology.probes import probe_of, row_of
from workers.client.topology.reading import rows_of

PLACES = [("", "", ""), ("eu-1", "", ""), ("eu-1", "shop", ""), ("eu-1", "shop", "Deployment/web-shop")]


@pytest.fixture(scope="module")
def client() -> Client:
    return memory_client()


def _boxes(found: TopologyMap) -> dict[str, Box]:
    return {f"{one.box.kind}/{one.box.name}": one.box for one in found.drawing.boxes}


@pytest.mark.parametrize("where", PLACES, ids=["fleet", "cluster", "namespace", "workload"])
async def test_a_map_is_the_same_through_a_server(client: Client, where: tuple[str, str, str]):
    near = await client.topology.map(*where)
    assert near.drawing.boxes
    assert await far_client(client).topology.map(*where) == near


async def test_everything_else_is_the_same_through_a_server(client: Client):
    far = far_client(client).topology
    asked = Asked(pods=2, cpu_m=100)
    assert await far.reach("eu-1", "shop") == await client.topology.reach("eu-1", "shop")
    assert await far.claims("", "", "", PageOf(limit=3)) == await client.topology.claims("", "", "", PageOf(limit=3))
    assert await far.storage("eu-1") == await client.topology.storage("eu-1")
    assert await far.rooms("eu-1", "") == await client.topology.rooms("eu-1", "")
    assert await far.fits("eu-1", "shop", asked) == await client.topology.fits("eu-1", "shop", asked)


async def test_a_cluster_that_is_not_heard_of_is_grey_on_every_map(client: Client):
    fleet = _boxes(await client.topology.map("", "", ""))
    edge = await client.topology.map("edge-1", "", "")
    assert (fleet["cluster/edge-1"].stale, fleet["cluster/us-1"].stale) == (True, False)
    assert edge.freshness is Freshness.STALE
    assert {one.box.stale for one in edge.drawing.boxes} == {True}
    assert {one.box.health for one in edge.drawing.boxes} == {Health.UNKNOWN}


async def test_a_policy_lets_one_namespace_into_another_and_a_probe_says_what_it_found(client: Client):
    us, dc = await client.topology.map("us-1", "", ""), await client.topology.map("dc-1", "", "")
    declared = {(one.edge.start, one.edge.end): one.edge for one in us.drawing.edges}
    edge = declared["namespace//Namespace/shop-staging", "namespace//Namespace/shop"]
    assert (edge.kind, edge.label, edge.probed) == (EdgeKind.ALLOWED, "8080/TCP", False)
    probed = [one.edge for one in dc.drawing.edges if one.edge.probed]
    assert [(one.start, one.kind) for one in probed] == [("namespace//Namespace/kube-system", EdgeKind.ALLOWED)]


async def test_a_release_under_way_says_its_share_of_traffic_on_the_edges(client: Client):
    found = await client.topology.map("eu-1", "shop", "")
    sends = [one.edge for one in found.drawing.edges if one.edge.kind is EdgeKind.SENDS]
    shares = {one.end.rpartition("/")[2]: one.percent for one in sends if one.start.startswith("release/")}
    assert shares == {"web-shop-1-4-11": 0, "web-shop-1-4-12": 100}
    assert _boxes(found)["release/web-shop/production/12"].object == "release/web-shop/production/12"


async def test_pods_of_a_workload_are_counted_by_health(client: Client):
    boxes = _boxes(await client.topology.map("eu-1", "shop", ""))
    assert boxes["workload/web-shop-canary"].counts == {"degraded": 4, "progressing": 1}
    one = await client.topology.map("eu-1", "shop", "Deployment/web-shop-canary")
    pods = [each.box for each in one.drawing.boxes if each.box.kind is BoxKind.POD]
    assert (len(pods), _boxes(one)["workload/web-shop-canary"].counts) == (5, {"degraded": 4, "progressing": 1})


async def test_thousands_of_workloads_are_counted_and_the_worst_are_drawn():
    world = seeded()
    for at in range(MOST_ROWS + 200):
        row = ObjectRow(cluster="us-1", kind="Deployment", namespace="shop", name=f"w{at:05}", wanted=1, ready=1)
        world.objects[row.key] = replace(row, health=Health.DEGRADED) if at == MOST_ROWS + 100 else row
    found = await memory_client(world).topology.map("us-1", "shop", "")
    drawn = [one.box for one in found.drawing.boxes if one.box.kind is BoxKind.WORKLOAD]
    assert sum(box.of for box in drawn) == MOST_ROWS + 204
    assert (f"w{MOST_ROWS + 100:05}" in [box.name for box in drawn], len(found.drawing.boxes) <= 150) == (True, True)
    assert found.things == MOST_ROWS + 204 + 3


async def test_what_is_read_within_a_bound_has_the_bad_ones(client: Client):
    found = await rows_of(client.fleets, ObjectFilter(kind="Pod", cluster="eu-1", namespace="shop"), 5)
    assert (len(found.items), found.unread > 0) == (5, True)
    assert [row.health for row in found.items].count(Health.DEGRADED) == 5


async def test_networks_say_what_is_declared_enforced_and_probed(client: Client):
    eu, dc = await client.topology.reach("eu-1", "shop"), await client.topology.reach("dc-1", "")
    (shop,) = [one for one in eu.namespaces if one.name == "shop"]
    assert (eu.enforcer, shop.closed, shop.policies, eu.matrix.names[0]) == ("cilium", Answer.ALL, 1, "shop")
    assert shop.probe == ProbeRow(
        namespace="shop",
        elsewhere="kube-system",
        isolation="enforced",
        words="a pod of another namespace is blocked by cilium, one of the same namespace is not",
        at=shop.probe.at if shop.probe else 0,
    )
    assert (dc.enforcer, [row.name for row in eu.policies]) == ("", ["default-deny"])


async def test_networks_show_what_the_definition_generates_beside_what_is_there(client: Client):
    found = await client.topology.reach("eu-1", "shop")
    states = {one.name: (one.state, one.environment, one.differs) for one in found.generated}
    assert found.declares is Declares.ISOLATED
    assert states == {
        "tenant": (PolicyState.MISSING, "production", ()),
        "default-deny": (PolicyState.CHANGED, "production", ("egress", "ingress")),
    }
    assert found.generated_counts == {"missing": 1, "changed": 1}
    unknown = await client.topology.reach("us-1", "")
    assert (unknown.declares, unknown.generated) == (Declares.UNKNOWN, ())


async def test_a_probe_is_kept_as_a_row_and_read_as_it_was():
    probe = ProbeRow(namespace="shop", elsewhere="default", isolation="broken", words="w", at=7)
    assert probe_of(row_of("c", probe)) == probe


async def test_claims_say_who_uses_them_and_what_is_lost(client: Client):
    page = await client.topology.claims("eu-1", "", "", PageOf())
    by = {one.row.name: one for one in page.items}
    bound, waiting = by["data-billing-0"], by["scratch"]
    assert (bound.loses, bound.can_expand, bound.users) == (True, True, ())
    assert (waiting.fate, waiting.row.reason) == ("", "no StorageClass is named fast")
    assert {one.name for one in (await client.topology.storage("eu-1")).orphans} == {"pvc-orphan", "data-billing-0"}


async def test_what_does_not_fit_says_why(client: Client):
    found = await client.topology.fits("eu-1", "shop", Asked(pods=3, cpu_m=500))
    assert found.fit.reasons == ("would exceed requests.cpu of quota tenant: 3.7 of 4 used, 0.3 left, 1.5 asked",)
    assert (await client.topology.fits("eu-1", "shop", Asked(pods=1, cpu_m=250))).fit.fits


async def test_priorities_say_which_pods_have_them_also_one_that_is_gone(client: Client):
    rooms = await client.topology.rooms("eu-1", "")
    found = {one.name: (one.row is not None, one.namespaces) for one in rooms.priorities}
    assert (rooms.priorities[0].name, found["important"]) == ("important", (True, (("shop", 1),)))
    assert found["gone"] == (False, (("shop-staging", 1),))
    counts = await client.fleets.counts(ObjectFilter(kind="Pod", cluster="eu-1"))
    assert sum(one.pods for one in rooms.priorities) == counts.total
    within = (await client.topology.rooms("eu-1", "shop")).priorities
    assert {one.name: one.pods for one in within}["important"] == 1
    assert "gone" not in [one.name for one in within]


async def test_who_reaches_whom_is_exact_however_many_workloads_there_are():
    world = seeded()
    for at in range(MOST_ROWS + 5):
        row = ObjectRow(
            cluster="us-1",
            kind="Deployment",
            namespace="shop",
            name=f"w{at:05}",
            details={"labels": {"n": f"{at % 3}"}},
        )
        world.objects[row.key] = row
    client = memory_client(world)
    assert not (await client.topology.reach("us-1", "")).unread
    assert not (await client.topology.map("us-1", "", "")).unsure


async def test_a_map_says_of_how_many_namespaces_it_draws_no_connections():
    world = seeded()
    for at in range(MOST_IN_TABLE + 5):
        row = ObjectRow(cluster="us-1", kind="Namespace", name=f"n{at:02}")
        world.objects[row.key] = row
    found = await memory_client(world).topology.map("us-1", "", "")
    assert (found.unlinked, found.unsure) == (8, False)


async def test_replicas_that_are_missing_are_reserved(client: Client):
    rooms = await client.topology.rooms("eu-1", "shop")
    assert {one.resource: one.reserved for one in rooms.quotas} == {"requests.cpu": 0, "pods": 3}


@pytest.mark.parametrize("where", [("none", "", ""), ("eu-1", "none", ""), ("eu-1", "shop", "Deployment/none")])
async def test_there_is_no_map_of_what_is_not_there(client: Client, where: tuple[str, str, str]):
    with pytest.raises(SluicewayError) as refused:
        await client.topology.map(*where)
    assert refused.value.code == "SLW907"


async def test_who_may_read_no_cluster_sees_none():
    client = memory_client(guard=OpenGuard(refused=frozenset({Action.CLUSTERS_READ})))
    assert (await client.topology.map("", "", "")).drawing.boxes == ()
    assert (await client.topology.claims("", "", "", PageOf())).items == ()
    for ask in (
        client.topology.map("eu-1", "", ""),
        client.topology.reach("eu-1", ""),
        client.topology.storage("eu-1"),
    ):
        with pytest.raises((RefusedError, SluicewayError)):
            await ask
