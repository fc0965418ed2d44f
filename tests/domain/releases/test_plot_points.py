"""A plot of a long release has few points, and hides no peak."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.plot_points import SHARES, PlotPoint, thinned

SHARE = st.floats(0, 1)
POINT = st.builds(PlotPoint, st.integers(0, 10**9), st.floats(0, 100), **dict.fromkeys(SHARES, SHARE))
POINTS = st.lists(POINT, max_size=200).map(lambda points: sorted(points, key=lambda point: point.at))


@given(POINTS, st.integers(1, 50))
def test_few_points_keep_the_order_the_end_and_the_worst_of_a_release(points: list[PlotPoint], most: int) -> None:
    found = thinned(points, most)
    assert len(found) <= most
    assert [point.at for point in found] == sorted(point.at for point in found)
    assert {point.at for point in found} <= {point.at for point in points}
    for share in SHARES:
        worst = max((getattr(point, share) for point in points), default=0)
        assert max((getattr(point, share) for point in found), default=0) == worst
    if points:
        assert (found[-1].at, found[-1].percent) == (points[-1].at, points[-1].percent)


@given(POINTS)
def test_a_short_release_is_drawn_as_it_was(points: list[PlotPoint]) -> None:
    assert thinned(points, len(points) or 1) == tuple(points)
