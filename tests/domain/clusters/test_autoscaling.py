"""Pools grow for pods that find no room, shrink when nodes stand empty, and stay within their limits."""

from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import autoscaling as scaling
from domain.clusters.autoscaling import Homeless, Load, ScalePolicy
from domain.clusters.spec import NodePool
from domain.core.documents import Object

NOW = 1000.0
POLICY = ScalePolicy(pending_s=10, idle_s=60)
pools = st.lists(
    st.builds(
        lambda name, least, more, cpu: NodePool(
            name, least, cpu=cpu, memory_mb=4096, max_count=least + more, min_count=least
        ),
        st.sampled_from("abc"),
        st.integers(0, 3),
        st.integers(1, 5),
        st.sampled_from([1, 2, 8]),
    ),
    max_size=3,
    unique_by=lambda pool: pool.name,
)
homeless = st.lists(
    st.builds(
        Homeless, st.text("xyz", min_size=1, max_size=4), st.floats(0, 10), st.floats(0, 5000), st.floats(0, NOW)
    ),
    max_size=12,
)


def decided(made, pods, empty=None, since=None):
    return scaling.decide(made, Load(tuple(pods), empty or {}), since or {}, POLICY, NOW)


@given(pools, homeless)
def test_no_pool_passes_its_limits_and_no_node_is_made_for_nothing(made, pods):
    wanted = {one.pool: one.count for one in decided(made, pods) if not one.refusal}

    known = {pool.name: pool for pool in made}
    for name, count in wanted.items():
        assert known[name].count < count <= known[name].max_count
    assert sum(count - known[name].count for name, count in wanted.items()) <= len(pods)


@given(pools, homeless)
def test_every_pod_that_waits_long_enough_gets_room_or_a_reason(made, pods):
    late = [one for one in pods if one.since + POLICY.pending_s <= NOW]
    found = decided(made, pods)

    if late and made:
        assert found
        assert all(one.reason for one in found)


def test_small_pods_share_a_node_and_a_big_one_gets_its_own():
    pool = NodePool("web", 1, cpu=2, memory_mb=4096, max_count=9, min_count=1)
    small = [Homeless(f"p{number}", 0.5, 100, 0) for number in range(3)]

    assert [(one.pool, one.count) for one in decided([pool], small)] == [("web", 2)]
    assert [(one.pool, one.count) for one in decided([pool], [*small, Homeless("big", 1.8, 100, 0)])] == [("web", 3)]


def test_a_pod_that_no_node_can_hold_makes_none():
    (one,) = decided([NodePool("web", 1, cpu=2, memory_mb=4096, max_count=9)], [Homeless("huge", 64, 100, 0)])

    assert "no pool has nodes with 64 cores" in one.refusal


@given(st.integers(0, 4), st.sets(st.integers(0, 5)), st.floats(0, 200))
def test_only_empty_nodes_with_the_highest_numbers_go_and_never_too_many(least, idle, age):
    pool = NodePool("web", 6, max_count=9, min_count=least)
    names = tuple(f"edge-web-{number}" for number in sorted(idle))
    since = dict.fromkeys(names, NOW - age)
    for one in decided([pool], [], {"web": names}, since):
        assert one.count >= least
        if not one.refusal:
            assert age >= POLICY.idle_s
            assert set(range(one.count, 6)) <= idle


def test_nothing_shrinks_while_pods_wait() -> None:
    pool = NodePool("web", 3, max_count=3, min_count=1)
    found = decided([pool], [Homeless("p", 64, 0, 0)], {"web": ("edge-web-2",)}, {"edge-web-2": 0.0})

    assert all(one.refusal for one in found)


def pod(name, message="", node="", kind=""):
    owners = [{"kind": kind}] if kind else []
    told = [{"type": "PodScheduled", "status": "False", "message": message}] if message else []
    requests = {"requests": {"cpu": "500m", "memory": "64Mi"}}
    spec = {"nodeName": node, "containers": [{"resources": requests}]}
    meta = {"namespace": "team", "name": name, "ownerReferences": owners}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Pending", "conditions": told}}


def test_what_no_further_node_mends_asks_for_none() -> None:
    nodes: list[Object] = [
        {"metadata": {"name": f"edge-web-{n}", "labels": {"sluiceway.dev/pool": "web"}}} for n in range(3)
    ]
    pods = [
        pod("full", "0/3 nodes are available: 3 Insufficient cpu."),
        pod("tainted", "0/3 nodes are available: 3 node(s) had untolerated taint"),
        pod("there", node="edge-web-0"),
        pod("everywhere", node="edge-web-1", kind="DaemonSet"),
    ]
    seen = scaling.load(nodes, pods, {"team/full": 7.0})

    assert seen.homeless == (Homeless("team/full", 0.5, 64, 7.0),)
    assert seen.empty == {"web": ("edge-web-1", "edge-web-2")}
