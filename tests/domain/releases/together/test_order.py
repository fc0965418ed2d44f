"""Services that call each other have one order, or are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.together.order import MOST_SERVICES, callers, complaints, levels, order
from tests.domain.releases.together.calls import graphs

NAMES = st.text("abcd", min_size=1, max_size=2)


@given(graphs())
def test_each_service_comes_after_all_that_it_calls(needs):
    found = order(needs)
    assert sorted(found) == sorted(needs)
    assert not list(complaints(needs))
    for name, called in needs.items():
        assert all(found.index(one) < found.index(name) for one in called)
        assert all(name in callers(needs, one) for one in called)


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3), max_size=MOST_SERVICES + 2))
def test_whatever_is_written_has_an_order_or_a_complaint(needs):
    if not list(complaints(needs)):
        assert sorted(order(needs)) == sorted(needs)


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ({"web": []}, "has 2 to 20, not 1"),
        ({"web": ["api"], "db": []}, "it needs 'api', which is none of web, db"),
        ({"web": ["api"], "api": ["web"]}, "in a circle"),
        ({"web": ["web"], "api": []}, "web -> web"),
        ({f"s{n}": [] for n in range(21)}, "not 21"),
    ],
)
def test_what_has_no_order_is_told(needs, words):
    assert words in " ".join(text for _, text in complaints(needs))


@given(graphs())
def test_levels_are_the_order_with_each_service_as_early_as_it_can_be(needs):
    depth = {name: at for at, level in enumerate(levels(needs)) for name in level}
    assert set(depth) == set(needs)
    assert all(depth[name] == max((depth[one] + 1 for one in called), default=0) for name, called in needs.items())
