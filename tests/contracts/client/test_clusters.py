"""What every client does about clusters: it plans, and then does exactly that; in memory, and through a server."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from domain.core.errors import SluicewayError
from tests.support.far import far_client
from tests.support.memory_client import memory_client
from tests.support.memory_client.seed import seeded
from tests.support.memory_client.world import World
from workers.client.ports.clusters import ClusterPlan, Clusters, ClusterWish, RepairWish

NEW = ClusterWish(name="new", template="simulated", values={"nodes": 2})


@pytest.fixture
def world() -> World:
    return seeded()


@pytest.fixture(params=["memory", "far from memory"])
def port(request: pytest.FixtureRequest, world: World) -> Clusters:
    near = memory_client(world)
    return (far_client(near) if "far" in request.param else near).clusters


def errors(plan: ClusterPlan) -> dict[str, str]:
    return {one.path or one.code: one.what for one in plan.remarks if one.severity == "error"}


def warnings(plan: ClusterPlan) -> list[str]:
    return [one.path for one in plan.remarks if one.severity == "warning"]


async def begun(port: Clusters, wish: ClusterWish) -> str:
    return (await port.apply(wish, (await port.plan(wish)).digest)).id


async def code(port: Clusters, wish: ClusterWish, digest: str = "") -> str:
    try:
        await port.apply(wish, digest or (await port.plan(wish)).digest)
    except SluicewayError as refused:
        return refused.code
    return "begun"


async def test_templates_have_the_fields_of_a_form(port: Clusters) -> None:
    found = {one.name: one for one in await port.templates()}
    assert {"simulated", "one-machine", "for-releases"} <= set(found)
    gateway = {one.name: one for one in found["for-releases"].params}["gateway"]
    assert (found["simulated"].provider, gateway.kind, gateway.choices) == ("kwok", "choice", ("traefik", "istio"))


async def test_a_new_cluster_is_planned_with_all_its_objects_and_what_is_signed(port: Clusters, world: World) -> None:
    plan = await port.plan(NEW)
    assert (plan.exists, plan.prevented, plan.counts) == (False, False, {"create": len(plan.lines)})
    assert [one.name for one in plan.lines if one.kind == "node"] == ["new-web-0", "new-web-1"]
    assert plan.order is not None
    assert plan.order.what == hashlib.sha256(plan.definition.encode()).hexdigest()
    assert json.loads(plan.definition)["pools"][0]["count"] == 0  # autoscaling leaves it open between its limits
    assert "new" not in world.cluster_lives

    assert await begun(port, NEW) == "cluster/new"
    assert world.cluster_lives["new"].status == "creating"


async def test_what_was_planned_is_done_and_nothing_else(port: Clusters, world: World) -> None:
    seen = await port.plan(NEW)
    assert await code(port, replace(NEW, values={"nodes": 3}, settings='{"version": "1.30"}'), seen.digest) == "SLW958"
    world.cluster_specs["new"] = world.cluster_specs["eu-1"]
    world.cluster_lives["new"] = world.cluster_lives["eu-1"]
    assert await code(port, NEW, seen.digest) == "SLW958"


async def test_settings_win_over_a_template_and_what_does_not_fit_says_where(port: Clusters) -> None:
    settings = {"network": {"pods": "10.96.0.0/12"}, "runtime": "docker", "parts": {"dns": "coredns"}}
    found = errors(await port.plan(replace(NEW, settings=json.dumps(settings))))
    assert {"network.services", "runtime", "parts.dns"} <= set(found)
    assert await code(port, replace(NEW, settings=json.dumps(settings))) == "SLW310"
    for odd in ("[]", "{", '{"pools": [{"name": "../x"}]}', '{"provider": "docker"}'):
        assert (await port.plan(replace(NEW, settings=odd))).prevented


async def test_a_definition_in_text_has_its_errors_at_their_places(port: Clusters) -> None:
    text = "apiVersion: sluiceway/v1\nkind: Cluster\nname: new\ntemplate: simulated\ncluster:\n  runtime: podman\n"
    found = [one for one in (await port.plan(ClusterWish(name="new", text=text))).remarks if one.severity == "error"]
    assert [(one.line, one.column) for one in found] == [(6, 12)]
    right = text.replace("podman", "containerd")
    assert not (await port.plan(ClusterWish(name="new", text=right))).prevented
    assert (await port.plan(ClusterWish(name="other", text=right))).prevented
    unknown = right.replace("template: simulated", "template: ../../../etc/passwd")
    assert (await port.plan(ClusterWish(name="new", text=unknown))).prevented


async def test_ranges_of_other_clusters_are_told(port: Clusters) -> None:
    plan = await port.plan(NEW)
    assert "network.pods" in warnings(plan)
    free = {"network": {"pods": "10.200.0.0/16", "services": "10.111.0.0/16", "nodes": "10.99.7.0/24"}}
    assert warnings(await port.plan(replace(NEW, settings=json.dumps(free)))) == []


async def test_no_file_of_the_machine_is_named_by_a_person(world: World) -> None:
    from domain.access.principal import Caller, Principal, PrincipalKind
    from tests.support.guards import OpenGuard

    ann = OpenGuard(Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann")))
    port = memory_client(world, ann).clusters
    for connection in (
        {"add-ons": "/root"},
        {"images": "/"},
        {"token": "file:/etc/shadow"},
        {"env": "PATH"},
        {"kubeconfig": "/k"},
    ):
        plan = await port.plan(replace(NEW, settings=json.dumps({"connection": connection})))
        assert any(one.code == "SLW040" for one in plan.remarks)
    same = ClusterWish(name="apac-1", verb="upgrade", version="1.34")
    assert not any(one.code == "SLW040" for one in (await port.plan(same)).remarks)


async def test_scaling_and_upgrades_show_their_nodes_and_refuse_what_kubernetes_cannot(port: Clusters) -> None:
    plan = await port.plan(ClusterWish(name="eu-1", verb="scale", pools={"main": 6}))
    assert (plan.counts["create"], plan.counts["keep"] > 0) == (2, True)
    assert (await port.plan(ClusterWish(name="eu-1", verb="scale", pools={"gpu": 1}))).prevented
    assert (await port.plan(ClusterWish(name="eu-1", verb="upgrade", version="1.36"))).prevented
    assert (await port.plan(ClusterWish(name="dc-1", verb="upgrade", version="1.34"))).prevented
    up = ClusterWish(name="eu-1", verb="upgrade", version="v1.34")
    assert (await port.plan(up)).counts["update"] == 1
    assert await begun(port, up) == "cluster/eu-1"
    assert await code(port, ClusterWish(name="eu-1", verb="scale", pools={"main": 6})) == "SLW948"  # busy now


async def test_a_deletion_says_what_is_lost_with_it(port: Clusters, world: World) -> None:
    wish = ClusterWish(name="eu-1", verb="delete")
    plan = await port.plan(wish)
    lost = {one.kind: one for one in plan.lost}
    assert {"namespaces", "workloads"} <= set(lost)
    assert all(one.number >= len(one.names) for one in plan.lost)
    assert {one.verb for one in plan.lines} == {"delete"}
    assert (await port.plan(replace(wish, name="dc-1"))).lost == ()  # registered: it is only forgotten
    assert await begun(port, wish) == "cluster/eu-1"
    assert world.cluster_lives["eu-1"].status == "deleting"


async def test_how_far_a_cluster_is_is_told_by_phase(port: Clusters) -> None:
    found = await port.progress("lab")
    states = {one.phase: one.state for one in found.steps}
    assert (found.going, found.status) == (True, "creating")
    assert (states["network"], states["control-plane"], states["nodes"]) == ("done", "under way", "waiting")
    stuck = await port.progress("apac-1")
    assert (stuck.blocker_phase, stuck.going) == ("nodes", True)
    for name in ("none", "Bad name"):
        with pytest.raises(SluicewayError) as refused:
            await port.progress(name)
        assert refused.value.code == "SLW907"


async def test_repair_is_ordered_where_it_acts_and_only_told_where_it_does_not(port: Clusters) -> None:
    guard = ClusterWish(name="us-1", verb="guard")
    plan = await port.plan(guard)
    assert plan.order is not None
    assert (plan.order.kind, plan.order.actions) == ("guard", 3)
    for repair in (RepairWish(on=False), RepairWish(dry_run=True)):
        assert (await port.plan(replace(guard, repair=repair))).order is None
    assert (await port.plan(ClusterWish(name="us-1", verb="heal"))).order is None
    assert await begun(port, guard) == "cluster/us-1"


async def test_what_does_not_exist_is_not_changed_and_no_other_name_is_one(port: Clusters) -> None:
    assert await code(port, ClusterWish(name="none", verb="heal"), "d") == "SLW907"
    for name in ("Bad", "a b", "x" * 64):
        assert await code(port, replace(NEW, name=name), "d") == "SLW205"
