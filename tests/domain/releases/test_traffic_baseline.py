"""The stable version's traffic from a router's own buckets."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.traffic_baseline import MIN_TICKS, Baseline, Reading, of_readings

COUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=8)


@given(COUNTS, st.integers(0, 50), st.integers(1, 10_000))
def test_bounds_are_among_the_router_s_own_buckets_and_hold_their_share(counts, beyond, requests):
    bounds = [0.05 * 2**i for i in range(len(counts))]
    within = {bound: sum(counts[: i + 1]) for i, bound in enumerate(bounds)}
    timed = sum(counts) + beyond
    found = of_readings([Reading(0), Reading(requests, 0, timed, within)], 10)
    if not timed:
        assert found.slow90_s == 0
        return
    assert found.slow90_s in bounds
    assert found.slow90_s <= found.slow99_s
    assert within[found.slow90_s] >= 0.9 * timed or found.slow90_s == bounds[-1]


@given(st.integers(-5, 0))
def test_without_requests_in_the_meantime_latency_is_not_judged(requests):
    assert of_readings([Reading(5), Reading(5 + requests, 0, 100, {0.1: 100})], 10) == Baseline(seconds=10)


@given(st.lists(st.integers(0, 5), min_size=MIN_TICKS, max_size=20))
def test_with_enough_ticks_the_dispersion_is_known(errors):
    readings = [Reading(10 * i, sum(errors[:i]), 10 * i, {0.1: 9 * i, 1.0: 10 * i}) for i in range(len(errors) + 1)]
    found = of_readings(readings, float(len(errors)))
    assert set(found.phi) == {"errors", "slow90", "slow99"}
    assert found.requests_per_s == 10
