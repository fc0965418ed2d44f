"""Counters to increases, and an hour of traffic to what a release is compared with."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.commands import CommandKind, ReleaseState, refusal
from domain.releases.counters import CounterSample, arm, increase, merged, reset, usable
from domain.releases.judge.policy import Metric, Policy
from domain.releases.traffic_baseline import BUCKETS_S, RATIO, Baseline, Traffic, baseline

values = st.lists(st.integers(0, 1000), min_size=1, max_size=20)


@given(values)
def test_increases_add_up_to_all_that_happened_whatever_is_reset_in_between(steps):
    """Each step is how far the counter went; every third one a restart sets it to 0 first."""
    seen, before = 0.0, {"a": 0.0}
    for number, step in enumerate(steps):
        # a restart after which the counter went as far again within a tick cannot be told from none
        restarted = number % 3 == 2 and step < before["a"]
        seen = float(step) if restarted else seen + step
        assert increase(before, {"a": seen}) == step
        before = {"a": seen}


def test_a_new_series_began_at_zero_and_a_gone_one_is_lost() -> None:
    assert increase({"a": 5.0}, {"b": 3.0}) == 3
    assert reset({"a": 5.0}, {"a": 2.0})
    assert not reset({"a": 5.0}, {"b": 2.0})


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_what_is_no_count_is_refused(value):
    with pytest.raises(ValueError, match="counter"):
        increase({}, {"a": value})


def test_a_tick_is_made_only_of_both_arms_and_of_later_samples() -> None:
    both: dict[str, dict[str, dict[str, float]]] = {"canary": {}, "stable": {}}

    assert usable(CounterSample(1, both), CounterSample(2, both))
    assert not usable(CounterSample(1, both), CounterSample(1, both))
    assert not usable(CounterSample(1, both), CounterSample(2, {"canary": {}}))
    assert not usable(CounterSample(0), CounterSample(1))


def test_several_sources_are_as_old_as_the_oldest() -> None:
    found = merged([CounterSample(5, {"canary": {"requests": {}}}), CounterSample(3, {"canary": {"events:x": {}}})])

    assert found.at == 3
    assert set(found.arms["canary"]) == {"requests", "events:x"}


def test_an_arm_never_has_more_events_than_requests() -> None:
    now = {"requests": {"": 3.0}, "errors": {"": 5.0}, "timed": {"": 9.0}, "within:slow90": {"": 1.0}}
    policy = Policy(metrics=(*Policy().metrics, Metric(name="bad", share=0.1, events="x_total", total="y_total")))
    found = arm({}, {**now, "events:bad": {"": 4.0}, "total:bad": {"": 2.0}}, policy)

    assert found.count("errors") == (3, 3)
    assert found.count("slow90") == (3, 3)
    assert found.count("bad") == (2, 2)


def test_some_bucket_is_near_every_quantile() -> None:
    assert (BUCKETS_S[0], BUCKETS_S[-1]) == (0.001, 30.0)
    assert all(b / a <= 1.3 for a, b in pairwise(BUCKETS_S))
    assert RATIO <= 1.3


@given(st.lists(st.integers(0, 500), min_size=1, max_size=80))
def test_a_baseline_is_what_was_seen(counts):
    """Every request takes 5 ms, and one in a hundred 50 ms."""
    ticks = []
    for count in counts:
        slow = count // 100
        within = tuple(count if bound >= 0.05 else (count - slow if bound >= 0.005 else 0) for bound in BUCKETS_S)
        ticks.append(Traffic(count, 0, within))
    found = baseline(ticks, 1.0)

    recent = counts[-60:]
    assert found.requests_per_s == (round(sum(recent) / len(recent), 3) if any(counts) else 0)
    if any(counts):
        assert 0.005 <= found.slow90_s <= 0.005 * RATIO
        assert all(1 <= phi <= 10 for phi in found.phi.values())
    else:
        assert found == Baseline(seconds=len(counts))
        assert "no traffic" in found.words()


ANY = st.builds(
    ReleaseState,
    **dict.fromkeys(("locked", "gradual", "paused", "promoted", "settled", "going_back"), st.booleans()),
    ended=st.sampled_from(["", "live"]),
)


@given(ANY)
def test_a_release_that_acts_can_always_be_taken_back(standing):
    if not standing.ended and not standing.settled:
        assert refusal(CommandKind.ABORT, standing) == refusal(CommandKind.ROLLBACK, standing) == ""


@given(ANY, st.sampled_from(list(CommandKind)))
def test_what_has_ended_takes_no_orders_and_every_refusal_has_a_reason(standing, verb):
    said = refusal(verb, standing)

    assert said == said.strip()
    if standing.ended:
        assert "has ended" in said


@given(ANY)
def test_pausing_and_resuming_exclude_each_other(standing):
    assert refusal(CommandKind.PAUSE, standing) or refusal(CommandKind.RESUME, standing)
