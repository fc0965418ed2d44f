"""What is told of a cluster in any time is no more than it may be, and whoever waits as long as told passes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.model import EventRow, ObjectRow
from domain.inventory.told import MOST_EVENTS, MOST_GONE, MOST_ROWS, Ended, Told
from domain.inventory.told_pace import BYTES_OF_ROW, RATES, Cost, Used, cost_of, paced

costs = st.builds(Cost, st.integers(0, 1), st.integers(0, MOST_ROWS + MOST_GONE), st.integers(0, 2 * MOST_EVENTS))


@given(st.lists(st.tuples(st.floats(0, 5), costs), max_size=40))
def test_a_flood_passes_at_the_rate_and_no_faster(asked):
    used, now, passed = Used(), 0.0, Cost(0)
    for gap, cost in asked:
        now += gap
        found = paced(used, now, cost)
        if found.wait_s:
            assert found.used == used
            assert not paced(used, now + found.wait_s, cost).wait_s
        else:
            passed = Cost(*(getattr(passed, one) + getattr(cost, one) for one in RATES))
        used = found.used
    for what, rate in RATES.items():
        assert getattr(passed, what) <= rate.burst + now / rate.every_s + 1


def test_the_largest_request_passes_once_nothing_was_told_for_long():
    assert not paced(Used(), 1e9, Cost(1, MOST_ROWS + MOST_GONE, 2 * MOST_EVENTS)).wait_s


def test_a_large_row_counts_as_several_and_an_end_of_nothing_as_one():
    row = ObjectRow(cluster="far", kind="Pod", name="a", details={"a": ["x" * BYTES_OF_ROW, {"b": 1}]})
    told = Told(
        at=1,
        rows=(row, ObjectRow(cluster="far", kind="Pod", name="b")),
        gone=(("Pod", "", "c"),),
        events=(EventRow(cluster="far", uid="u"),),
        ended=(Ended(at=1), Ended(at=1, about=("a", "b"))),
    )
    assert cost_of(told) == Cost(requests=0, rows=4, warnings=4)
