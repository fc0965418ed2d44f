"""The order of jobs."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from domain.pipelines import dag as graph

edges = st.dictionaries(st.integers(0, 7).map(str), st.lists(st.integers(0, 7).map(str), max_size=3), max_size=8)


@given(edges)
def test_a_graph_has_a_cycle_or_an_order(needs):
    circle = graph.cycle(needs)
    if circle:
        assert circle[0] == circle[-1]
        assert all(b in needs[a] for a, b in itertools.pairwise(circle))
    else:
        order = graph.order(needs)
        assert sorted(order) == sorted(needs)
        assert all(order.index(n) < order.index(x) for x in needs for n in needs[x] if n in needs)
