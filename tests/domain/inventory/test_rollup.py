"""How a cluster is, from its life, from what is in it, and from when it was heard of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.lifecycle import Status
from domain.inventory.model import Freshness, Health, WatchRow
from domain.inventory.rollup import (
    BAD,
    FAILED_KEPT_S,
    Heard,
    KnownCluster,
    Life,
    Tally,
    by_health,
    first_wrong,
    standing,
)

LIVE = Heard(freshness=Freshness.LIVE, heard_at=100, synced=True)
lives = st.builds(Life, status=st.sampled_from(["", *Status]), reason=st.just(""), since=st.just(1.0))
tallies = st.lists(
    st.builds(
        Tally,
        kind=st.sampled_from(["Node", "Pod", "Deployment", "Namespace"]),
        health=st.sampled_from(list(Health)),
        number=st.integers(0, 3),
    )
)


@given(lives, st.sampled_from([Freshness.STALE, Freshness.NEVER]), tallies)
def test_what_is_not_heard_of_is_never_healthy_and_says_why(life: Life, fresh: Freshness, of: list[Tally]) -> None:
    found = standing(life, Heard(freshness=fresh, heard_at=5, synced=True), of, 0)
    assert found.health is not Health.HEALTHY
    assert found.reason
    assert by_health(of, ["Pod"], live=False).keys() <= {"unknown"}


@given(tallies)
def test_a_cluster_is_as_bad_as_the_worst_of_what_is_bad_in_it(of: list[Tally]) -> None:
    found = standing(Life(status="ready"), LIVE, of, 7)
    bad = [one.health for one in of if one.number and one.health in BAD and one.kind != "Namespace"]
    assert found.health is max([Health.HEALTHY, *bad], key=lambda one: one.rank)
    assert bool(found.reason) is bool(bad)


@given(tallies)
def test_what_to_look_at_first_is_bad_and_nodes_come_before_what_runs_on_them(of: list[Tally]) -> None:
    bad = {one.kind for one in of if one.number and one.health in BAD} - {"Namespace"}
    found = first_wrong(of)
    assert (found is None) is not bool(bad)
    if found:
        assert found[0] == next(kind for kind in ("Node", "Deployment", "Pod") if kind in bad)
        assert found[1] in BAD


@pytest.mark.parametrize(
    ("life", "heard", "health", "reason"),
    [
        (Life(status="stuck", reason="no quota"), LIVE, Health.DEGRADED, "no quota"),
        (Life(status="creating", waits_for="nodes"), Heard(), Health.PROGRESSING, "creating: nodes"),
        (Life(status="failed"), Heard(), Health.DEGRADED, "it is failed"),
        (Life(status="ready"), Heard(freshness=Freshness.LIVE, heard_at=1), Health.PROGRESSING, "being listed"),
        (Life(), LIVE, Health.HEALTHY, ""),
    ],
)
def test_its_life_says_why(life: Life, heard: Heard, health: Health, reason: str) -> None:
    found = standing(life, heard, [], 0)
    assert found.health is health
    assert reason in found.reason


@given(lives, st.floats(0, 2 * FAILED_KEPT_S))
def test_only_a_cluster_that_could_not_be_made_is_over_after_a_day(life: Life, passed: float) -> None:
    known = KnownCluster(name="eu", life=life, watch=WatchRow(cluster="eu"))
    over = known.is_over(life.since + passed)
    assert over is (life.status == Status.FAILED and life.since + passed - life.since > FAILED_KEPT_S)
