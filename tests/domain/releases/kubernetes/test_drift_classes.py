"""What differs is told with its class; what is healed is what a release has applied, and not again and again."""

from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.remediation import HOUR_S
from domain.releases.kubernetes.drift_classes import LIMITS, Finding, Healed, Kind, Policy, decide, of_object

NOW = 1_000_000.0
findings = st.lists(
    st.builds(lambda kind, name: Finding(kind, f"Deployment {name}", f"{name} differs"), st.sampled_from(Kind),
              st.sampled_from("abcdef")), max_size=12
)  # fmt: skip


def test_a_route_is_healed_during_a_release_and_a_workload_is_not():
    found = [Finding(Kind.TRAFFIC, "HTTPRoute shop", "r"), Finding(Kind.WORKLOAD, "Deployment shop-r1", "w")]
    during = decide(found, Policy.HEAL, Healed(), NOW, releasing=True)
    assert during.heal == ("HTTPRoute shop",)
    assert during.lines == ("r (traffic: healed)", "w (workload: told alone, a release is under way)")
    assert decide(found, Policy.HEAL, Healed(), NOW, releasing=False).heal == ("HTTPRoute shop", "Deployment shop-r1")


def test_an_environment_may_have_workloads_told_alone():
    found = of_object("Deployment shop-r1", ["w"], gone=False)
    assert "`drift: tell`" in decide(found, Policy.TELL, Healed(), NOW, releasing=False).lines[0]
    assert decide(of_object("Deployment shop-r1", ["w"], gone=True), Policy.TELL, Healed(), NOW, releasing=False).heal


def test_the_service_of_a_version_is_traffic():
    assert [one.kind for one in of_object("Service shop-r1", ["w"], gone=False)] == [Kind.TRAFFIC]


@given(findings, st.sampled_from(Policy), st.booleans())
def test_what_no_release_made_is_never_touched(found, policy, releasing):
    decided = decide(found, policy, Healed(), NOW, releasing=releasing)
    assert {*decided.heal} <= {one.target for one in found if one.kind is not Kind.FOREIGN}
    assert len(decided.lines) == len(found)


@given(st.lists(st.floats(0, 4 * HOUR_S), max_size=30), st.sampled_from(["a", "b"]))
def test_two_managers_in_turn_are_healed_no_more_often_than_a_cluster_is_repaired(times, name):
    healed, done = Healed(), []
    for number, at in enumerate(sorted(times)):
        found = [Finding(Kind.TRAFFIC, f"HTTPRoute {name}{number % 5}", "x")]
        decided = decide(found, Policy.HEAL, healed, at, releasing=False)
        healed = decided.healed
        done += [at] * len(decided.heal)
    assert all(len([one for one in done if at - HOUR_S < one <= at]) <= LIMITS.actions_an_hour for at in done)


def test_an_object_that_was_just_healed_waits_longer_each_time():
    healed = Healed().with_one("x", NOW)
    assert "back-off is 120 s" in healed.refusal("x", NOW + 60)
    again = healed.with_one("x", NOW + 200)
    assert "back-off is 240 s" in again.refusal("x", NOW + 400)
    assert again.refusal("x", NOW + 500) == ""
