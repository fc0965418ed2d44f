"""What is decided about clusters: their ranges, their plans, the order of their lives."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import health, manifests, metadata, plan
from domain.clusters import lifecycle as life
from domain.clusters.lifecycle import Operation, Status
from domain.clusters.plan import Phase, Verb
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota, Taint, complaints, node_names, registered
from domain.core.documents import Node

SPEC = ClusterSpec("edge", "kwok")
counts = st.integers(0, 12)


@st.composite
def specs(draw):
    pools = draw(st.lists(st.tuples(st.sampled_from("abcd"), counts), min_size=1, max_size=4, unique_by=lambda p: p[0]))
    zones = tuple(draw(st.lists(st.sampled_from(["east", "west", "north"]), unique=True)))
    quotas = draw(st.lists(st.sampled_from(["one", "two", "three"]), unique=True))
    return ClusterSpec(
        "edge",
        "kwok",
        network=Network(isolated=draw(st.booleans())),
        pools=tuple(NodePool(name, count, zones=zones) for name, count in pools),
        quotas=tuple(Quota(name, cpu=draw(st.integers(0, 3))) for name in quotas),
        storage=draw(st.sampled_from(["", "local-path"])),
    )


@given(specs(), specs())
def test_a_plan_that_is_carried_out_leaves_nothing_to_do(before, after):
    existing = {(item.kind, item.name): item for item in plan.items(before)}
    for change in plan.difference(plan.items(after), list(existing.values())):
        if change.verb is Verb.DELETE:
            del existing[(change.kind, change.name)]
        elif change.verb is not Verb.KEEP:
            existing[(change.kind, change.name)] = plan.Item(change.phase, change.kind, change.name, change.after)

    assert {change.verb for change in plan.difference(plan.items(after), list(existing.values()))} <= {Verb.KEEP}


@given(specs(), specs())
def test_what_is_made_comes_in_the_order_of_phases_and_what_goes_in_the_reverse(before, after):
    changes = plan.difference(plan.items(after), plan.items(before))
    order = list(Phase)
    made = [order.index(one.phase) for one in changes if one.verb is not Verb.DELETE]
    gone = [order.index(one.phase) for one in changes if one.verb is Verb.DELETE]

    assert made == sorted(made)
    assert gone == sorted(gone, reverse=True)


@given(specs())
def test_zones_of_a_pool_differ_by_one_node_at_most(spec):
    for pool in spec.pools:
        spread = [zone for other, _, zone in node_names(spec) if other == pool]
        per_zone = [spread.count(zone) for zone in pool.zones]

        assert not per_zone or max(per_zone) - min(per_zone) <= 1


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (Network(services="10.244.0.0/20"), "overlaps the pods range"),
        (Network(nodes="10.96.7.0/24"), "overlaps the services range"),
        (Network(pods="10.0.0.1/8"), "has host bits set"),
        (Network(pods="10.244.0.0/24"), "fits 1 nodes"),
        (Network(nodes="10.99.0.0/30"), "has 1 addresses for nodes"),
    ],
)
def test_ranges_that_cannot_work_are_told(network, words):
    spec = replace(SPEC, network=network, pools=(NodePool("a", 3),))

    assert words in " ".join(said for _, said in complaints(spec))


def test_a_cluster_that_can_work_is_not_complained_about() -> None:
    assert not list(complaints(SPEC))


def test_people_act_under_their_own_names_where_a_cluster_says_just_that():
    assert registered("c", "file:/k", impersonate=True).impersonates
    assert not registered("c", "file:/k").impersonates
    odd = replace(registered("c", "file:/k"), connection={"impersonate": "yes"})
    assert [path for path, _ in complaints(odd)] == [("connection", "impersonate")]
    assert not odd.impersonates


@given(st.sets(st.sampled_from(list(Phase))))
def test_what_has_begun_is_undone_backwards_and_once(begun):
    undone = life.backwards(begun)

    assert set(undone) == begun - life.NOTHING_TO_UNDO
    assert list(undone) == sorted(undone, key=list(Phase).index, reverse=True)


@given(st.sampled_from(list(Status)))
def test_a_cluster_can_be_deleted_unless_nothing_is_left_or_it_is_being_undone(status):
    refused = bool(life.refusal(status, Operation.DELETE))

    assert refused == (status in (Status.DELETED, Status.FAILED, Status.COMPENSATING))


@given(st.integers(1, 200))
def test_waits_between_tries_grow_to_a_limit(tries):
    assert life.again_s(tries) <= life.again_s(tries + 1) <= 300


@given(st.sampled_from(Status), st.booleans(), st.lists(st.text(min_size=1), max_size=4))
def test_only_guarded_clusters_that_exist_are_mended_of_drift(status, guarded, drift):
    repaired = bool(life.mends_drift(status, guarded, drift))

    assert repaired == (guarded and bool(drift) and status in (Status.READY, Status.DEGRADED))


def test_an_update_goes_only_through_phases_in_which_something_changes() -> None:
    larger = replace(SPEC, pools=(NodePool("default", 5),))
    changes = plan.difference(plan.items(larger), plan.items(SPEC))

    assert life.forwards(Operation.UPDATE, changes) == (Phase.PREFLIGHT, Phase.NODES, Phase.VERIFICATION)


@pytest.mark.parametrize(
    ("before", "after", "fine"),
    [("1.33.0", "1.34.4", True), ("1.34.1", "1.34.4", True), ("1.32.0", "1.34.0", False), ("1.34.4", "1.34.1", False)],
)
def test_kubernetes_goes_up_by_one_minor_version_and_never_down(before, after, fine):
    refused = plan.refusals(replace(SPEC, version=before), replace(SPEC, version=after))

    assert (not refused) == fine


def test_ranges_plugin_and_provider_are_fixed_for_life() -> None:
    other = replace(SPEC, provider="host", network=Network(pods="10.0.0.0/16", plugin="cilium"))

    assert len(plan.refusals(SPEC, other)) == 3


def test_a_tenant_has_a_quota_defaults_and_when_isolated_a_policy() -> None:
    kinds = [one["kind"] for one in manifests.tenant(Quota("team", cpu=2, claims=1), isolated=True)]

    assert kinds == ["Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "NetworkPolicy"]
    assert metadata.labels(manifests.tenant(Quota("team"), isolated=False)[0])["pod-security.kubernetes.io/enforce"]


things = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "a", "1000m", "1", "2Gi"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@given(things)
def test_what_was_applied_does_not_differ_from_itself_with_more_beside_it(one):
    assert not manifests.differs({"a": one}, {"a": one, "b": 1})


@given(things, things)
def test_what_is_gone_or_otherwise_differs(one, other):
    assert manifests.differs({"a": {"b": 1}}, {"a": one}) or isinstance(one, dict)
    assert manifests.differs([1], [1, 2])
    assert not manifests.differs("1000m", "1")


def test_a_tenant_reaches_what_is_named_and_nothing_else() -> None:
    spec = Node(manifests.allowed(Quota("team", allow_from=("web",), allow_to=("192.0.2.0/24:443",))))["spec"]

    (come,) = spec["ingress"]
    (_, other) = come["from"]
    assert other.at("namespaceSelector", "matchLabels").value == {"kubernetes.io/metadata.name": "web"}
    (_, outside) = spec["egress"]
    assert outside.value == {
        "to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}],
        "ports": [{"protocol": "TCP", "port": 443}],
    }


@pytest.mark.parametrize(
    ("text", "value"), [("100m", 0.1), ("2", 2), ("64Mi", 67_108_864), ("1e3", 1000), ("x", 0), (3, 3), ("1Gi", 2**30)]
)
def test_quantities_are_read(text, value):
    assert health.quantity(text) == pytest.approx(value)


@given(st.text())
def test_no_quantity_makes_it_fail(text):
    assert isinstance(health.quantity(text), float)


def test_nodes_of_the_definition_that_are_gone_are_told() -> None:
    nodes = [{"metadata": {"name": name}} for name in ("b", "c")]

    assert health.gone(["a", "b"], nodes) == ("Node a is gone",)


def test_health_counts_ready_nodes_and_names_the_others() -> None:
    def node(name, ready):
        conditions = [{"type": "Ready", "status": ready}]
        room = {"cpu": "2", "memory": "4Gi", "pods": "110"}
        return {"metadata": {"name": name}, "status": {"conditions": conditions, "allocatable": room}}

    seen = health.of_nodes([node("a", "True"), node("b", "Unknown"), {"metadata": {"name": "c"}}], "v1.34.4", {})

    assert (seen.nodes, seen.ready, seen.unready, seen.cpu, seen.memory_mb) == (3, 1, ("b", "c"), 4, 8192)


def test_what_nodes_use_is_summed_and_the_busiest_come_first() -> None:
    def used(name, cpu, memory):
        return {"metadata": {"name": name}, "usage": {"cpu": cpu, "memory": memory}}

    seen = health.in_use(health.ClusterHealth(), [used("a", "250m", "512Mi"), used("b", "1", "1Gi"), {}])

    assert (seen.used_cpu, seen.used_memory_mb) == (1.25, 1536)
    assert seen.busiest[:2] == (health.NodeUse("b", 1, 1024), health.NodeUse("a", 0.25, 512))


def test_a_node_is_another_when_its_taints_are() -> None:
    pool = NodePool("a")

    assert plan.node_state(pool, "") != plan.node_state(replace(pool, taints=(Taint("gpu"),)), "")


def test_of_a_registered_cluster_nothing_is_made_upgraded_or_called_deleted() -> None:
    spec = registered("theirs", "in-cluster")

    assert plan.items(spec) == []
    assert plan.refusals(spec, replace(spec, version="1.34.4")) == [
        "it is a registered cluster: upgrade it with the tool that created it"
    ]
    assert "unregistered" in life.ending(spec)
    assert "deleted" in life.ending(ClusterSpec("ours", "kwok"))
