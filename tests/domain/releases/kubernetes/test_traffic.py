"""The state behind a route: nobody's requests are lost by arithmetic, and any worker reads it back."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.releases.kubernetes.traffic import MAX_STATE, PARTS, Traffic, in_parts, read, sign, written
from domain.releases.spec import Routing
from tests.domain.releases.kubernetes.strategies import CHANGES, INSTANCES, PERCENTS, changed, traffics


@given(traffics())
def test_weights_are_nothing_or_everything(traffic):
    assert sum(traffic.weights.values()) == (PARTS if traffic.leads else 0)


@given(traffics())
def test_another_worker_reads_the_state_as_it_was_written(traffic):
    assert read(written(traffic)) == traffic


@given(traffics(), CHANGES)
def test_a_change_that_is_made_twice_changes_nothing_more(traffic, change):
    once = changed(traffic, change)
    assert changed(once, change).same_as(once)


@given(traffics(), traffics())
def test_two_states_have_two_signs(one, other):
    assert (sign(one) == sign(other)) == (written(one) == written(other))


@given(PERCENTS)
def test_a_share_is_never_rounded_to_nothing_or_to_everything(percent):
    parts = in_parts(percent)
    assert 0 <= parts <= PARTS
    assert (parts == 0) == (percent == 0)
    assert (parts == PARTS) == (percent == 100)
    assert percent in (0, 100) or abs(parts - percent * 100) <= 1


@given(traffics(), INSTANCES)
def test_a_preview_takes_no_request_from_the_service(traffic, instance):
    before = {name: parts for name, parts in traffic.weights.items() if parts}
    after = traffic.previewed(instance, Routing()).weights
    assert {name: parts for name, parts in after.items() if parts} == before


@given(traffics(), CHANGES)
def test_whoever_begins_to_get_requests_is_warmed_first(traffic, change):
    after = changed(traffic, change)
    cold = {name for name, parts in traffic.weights.items() if not parts} | set(after.weights) - set(traffic.weights)
    assert set(after.warming(traffic)) == {name for name in cold if after.weights.get(name)}


@given(traffics(), INSTANCES)
def test_nothing_is_left_of_a_version_that_was_taken_out(traffic, instance):
    assert f'"{instance}"' not in written(traffic.without(instance))


@given(st.sets(st.integers(1, 99), min_size=2, max_size=14))
def test_many_versions_leave_a_state_that_can_be_read_with_those_that_count(numbers):
    first, *others = [f"r{number}" for number in sorted(numbers, reverse=True)]
    traffic = Traffic().all_to(first).previewed(others[0], Routing())
    for name in others:
        traffic = replace(traffic, weights={**traffic.weights, name: 0})
    kept = read(written(traffic.bounded()))
    assert {first, others[0]} <= set(kept.weights)


@given(st.text(max_size=60))
@example('{"weights": {"r1": 10000}}')
@example("[" * 10_000)
@example('{"weights": {"r1": "all"}, "preview": "", "mirror": ""}')
def test_a_strangers_state_is_refused_and_never_an_exception_of_another_kind(text):
    with pytest.raises(ValueError):  # noqa: PT011
        read(text)


@pytest.mark.parametrize(
    "weights",
    [{"r1": 10_001}, {"r1": -1, "r2": 10_001}, {"r1": 5000}, {"../r1": 10_000}, {f"r{n}": 0 for n in range(9)}],
)
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(ValueError, match="the route"):
        read(written(Traffic(weights=weights)))


def test_a_state_beyond_its_size_is_not_parsed():
    with pytest.raises(ValueError, match="too large"):
        read(" " * (MAX_STATE + 1))


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 2**53 - 1},
        {"generation": 10**300},
        {"mirrored": 10**400},
        {"mirrored": -1},
        {"header": "\ud800"},
        {"cookie": "\ud800"},
    ],
)
def test_no_state_of_a_stranger_keeps_the_next_change_from_being_written(change):
    state = {**json.loads(written(Traffic().all_to("r1"))), **change}
    try:
        found = read(json.dumps(state))
    except ValueError:
        return  # it counts as none
    assert read(written(found.all_to("r2").next_after(found))).weights["r2"] == PARTS
