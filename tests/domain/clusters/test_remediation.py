"""What healing does and leaves alone: never beyond its limits, and never without saying why."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import remediation as healing
from domain.clusters.manifests import OURS
from domain.clusters.remediation import CORDONED, CrashSeen, Done, NodeSeen, Observation, Remedy, RepairPolicy

NOW = 1_000_000.0
POLICY = RepairPolicy()
ANY = RepairPolicy(max_unready=1, actions_an_hour=1000)


def lost(count, total=200, **more):
    return Observation(total, tuple(NodeSeen(f"n{number}", False, NOW - 300, **more) for number in range(count)))


def taken(decisions):
    return [one.target for one in decisions if not one.refusal]


nodes = st.builds(
    NodeSeen,
    st.sampled_from("abcdefgh"),
    st.booleans(),
    st.floats(NOW - 500, NOW),
    st.booleans(),
    st.sampled_from([(), ("MemoryPressure",)]),
    st.booleans(),
)
crashes = st.builds(CrashSeen, st.just("team"), st.sampled_from("xyz"), st.integers(0, 12), st.booleans()) | st.builds(
    CrashSeen, st.just("team"), st.sampled_from("xyz"), st.integers(0, 12), st.just(True), st.just("Deployment/web")
)
surveys = st.builds(
    Observation,
    st.integers(8, 20),
    st.lists(nodes, unique_by=lambda one: one.name, max_size=8).map(tuple),
    st.lists(crashes, unique_by=lambda one: one.name, max_size=3).map(tuple),
)
policies = st.builds(
    RepairPolicy, dry_run=st.booleans(), max_unready=st.floats(0, 1), actions_an_hour=st.integers(0, 6)
)
histories = st.lists(
    st.builds(Done, st.sampled_from(Remedy), st.sampled_from("abcdefgh"), st.floats(NOW - 90_000, NOW)), max_size=9
)


@given(surveys, policies, histories)
def test_no_limit_is_ever_passed_and_every_decision_is_explained(seen, policy, done):
    decisions = healing.decide(seen, policy, done, NOW)

    acted = [one for one in decisions if not one.refusal and one.remedy is not Remedy.UNCORDON]
    recent = [one for one in done if one.at > NOW - 3600 and one.remedy is not Remedy.UNCORDON]
    assert all(one.reason for one in decisions)
    assert not acted or len(recent) + len(acted) <= policy.actions_an_hour
    assert not acted or sum(not one.ready for one in seen.nodes) <= policy.max_unready * seen.total
    assert not (policy.dry_run and taken(decisions))


@given(surveys, policies, histories)
def test_what_is_not_ours_or_would_not_come_again_is_left_alone(seen, policy, done):
    gone = {one.target for one in healing.decide(seen, policy, done, NOW) if not one.refusal}

    assert not gone & {one.name for one in seen.nodes if not one.ready and not one.ours}
    assert not gone & {f"{one.namespace}/{one.name}" for one in seen.crashes if not one.controlled}


@given(surveys, policies, histories)
def test_a_dry_run_says_what_would_be_done(seen, policy, done):
    real = healing.decide(seen, replace(policy, dry_run=False), done, NOW)
    dry = healing.decide(seen, replace(policy, dry_run=True), done, NOW)

    assert [one.target for one in dry if one.refusal == "dry run"] == taken(real)


@given(surveys, policies, histories)
def test_deciding_again_waits_no_longer_than_for_the_next_thing_that_may_be_done(seen, policy, done):
    decisions = healing.decide(seen, policy, done, NOW)
    waits = healing.wait_s(decisions, NOW)

    assert 1 <= waits <= 300
    assert all(waits <= max(one.again_at - NOW, 1) for one in decisions if one.again_at)


def test_of_five_lost_nodes_three_are_replaced_in_the_first_hour_and_the_rest_after_it() -> None:
    first = healing.decide(lost(5), POLICY, [], NOW)
    assert taken(first) == ["n0", "n1", "n2"]
    assert {one.refusal for one in first[3:]} == {"the limit of 3 actions per hour is reached"}

    done = [Done(Remedy.REPLACE, name, NOW) for name in taken(first)]
    left = replace(lost(5), nodes=lost(5).nodes[3:])
    assert taken(healing.decide(left, POLICY, done, first[3].again_at - 1)) == []
    assert taken(healing.decide(left, POLICY, done, first[3].again_at)) == ["n3", "n4"]


def test_of_120_lost_nodes_of_200_none_is_touched() -> None:
    decisions = healing.decide(lost(120), RepairPolicy(actions_an_hour=1000), [], NOW)

    assert taken(decisions) == []
    assert decisions[0].refusal.startswith("the circuit breaker is open: 120 of 200 nodes are not ready, more than 40%")
    assert len(taken(healing.decide(lost(80), RepairPolicy(actions_an_hour=1000), [], NOW))) == 80


def test_the_same_node_is_replaced_after_longer_and_longer_waits() -> None:
    done: list[Done] = []
    now, waits = NOW, list[float]()
    while len(waits) < 7:
        (one,) = healing.decide(lost(1), replace(ANY, node_grace_s=0), done, now)
        if one.refusal:
            now = one.again_at
            continue
        waits += [now - done[-1].at] if done else []
        done.append(Done(Remedy.REPLACE, "n0", now))

    assert waits == [120, 240, 480, 960, 1920, 3600, 3600]


def test_a_node_gets_time_to_become_ready_by_itself() -> None:
    young = Observation(10, (NodeSeen("n", False, NOW - 20),))
    (one,) = healing.decide(young, POLICY, [], NOW)

    assert (one.refusal, one.again_at) == ("a node has 60 s to become ready again", NOW + 40)


def test_a_node_under_pressure_is_closed_and_opened_again_by_who_closed_it() -> None:
    full = Observation(10, (NodeSeen("n", pressure=("DiskPressure",)),))
    passed = Observation(10, (NodeSeen("n", cordoned=True),))

    assert [one.remedy for one in healing.decide(full, POLICY, [], NOW)] == [Remedy.CORDON]
    assert [one.remedy for one in healing.decide(passed, POLICY, [], NOW)] == [Remedy.UNCORDON]


def test_a_closed_node_that_stays_under_pressure_is_emptied_after_a_while() -> None:
    closed = Observation(10, (NodeSeen("n", pressure=("DiskPressure",), cordoned=True),))
    (young,) = healing.decide(closed, POLICY, [Done(Remedy.CORDON, "n", NOW - 20)], NOW)
    (old,) = healing.decide(closed, POLICY, [Done(Remedy.CORDON, "n", NOW - 61)], NOW)

    assert (young.remedy, young.again_at) == (Remedy.DRAIN, NOW + 40)
    assert young.refusal == "a cordoned node has 60 s to recover"
    assert (old.remedy, old.refusal) == (Remedy.DRAIN, "")


def test_one_restart_takes_the_place_of_an_action_for_each_pod_of_a_workload() -> None:
    web = [CrashSeen("team", f"web-{number}", 5 + number, True, "Deployment/web") for number in range(4)]
    alone = CrashSeen("team", "db-0", 5, True, "StatefulSet/db")
    found = healing.decide(Observation(3, crashes=(*web, alone)), POLICY, [], NOW)

    assert [(one.remedy, one.target, one.refusal) for one in found] == [
        (Remedy.RESTART, "team/Deployment/web", ""),
        (Remedy.RECREATE, "team/db-0", ""),
    ]
    assert found[0].reason.startswith("4 of its pods keep crashing")


def test_a_pod_is_restarted_with_what_made_it_when_that_can_be_restarted() -> None:
    def workload(kind, name, **labels):
        (one,) = healing.survey([], [pod("a", 7, owned=(kind, name), labels=labels)]).crashes
        return one.workload

    assert workload("ReplicaSet", "web-5d4f", **{"pod-template-hash": "5d4f"}) == "Deployment/web"
    assert workload("ReplicaSet", "lone") == ""
    assert workload("StatefulSet", "db") == "StatefulSet/db"
    assert workload("Job", "once") == ""


def test_only_what_wants_looking_at_is_seen_of_a_cluster() -> None:
    seen = healing.survey(
        [node("fine"), node("lost", "Unknown", labels=OURS), node("going", "False", deletionTimestamp="x")],
        [pod("a", 7, owned=True), pod("b", 0), pod("c", 9, deletionTimestamp="x")],
    )

    assert seen == Observation(
        2,
        (NodeSeen("lost", False, 1_700_000_000.0),),
        (CrashSeen("team", "a", 7, True), CrashSeen("team", "b", 0, False)),
    )
    assert healing.survey([node("shut", annotations={CORDONED: "true"})], []).nodes[0].cordoned


def node(name, ready="True", **meta):
    changed = {"type": "Ready", "status": ready, "lastTransitionTime": "2023-11-14T22:13:20Z"}
    return {"metadata": {"name": name, **meta}, "status": {"conditions": [changed]}}


def pod(name, restarts, owned=False, **meta):
    """`owned`: whether something controls it, or what: kind and name."""
    waiting = {"restartCount": restarts, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    kind, of = owned if isinstance(owned, tuple) else ("", "")
    owners = [{"controller": True, "kind": kind, "name": of}] if owned else []
    made = {"namespace": "team", "name": name, "ownerReferences": owners, **meta}
    return {"metadata": made, "status": {"containerStatuses": [waiting]}}
