"""The stable version's traffic from a router's own buckets."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.traffic_baseline import Baseline, of_counters

COUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=8)


@given(COUNTS, st.integers(0, 50), st.integers(1, 10_000))
def test_bounds_are_among_the_router_s_own_buckets_and_hold_their_share(counts, beyond, requests):
    bounds = [0.05 * 2**i for i in range(len(counts))]
    within = {bound: sum(counts[: i + 1]) for i, bound in enumerate(bounds)}
    timed = sum(counts) + beyond
    found = of_counters(requests, 10, timed, within)
    if not timed:
        assert found.slow90_s == 0
        return
    assert found.slow90_s in bounds
    assert found.slow90_s <= found.slow99_s
    assert within[found.slow90_s] >= 0.9 * timed or found.slow90_s == bounds[-1]


@given(st.integers(-5, 0))
def test_without_requests_in_the_meantime_latency_is_not_judged(requests):
    assert of_counters(requests, 10, 100, {0.1: 100}) == Baseline(seconds=10)
