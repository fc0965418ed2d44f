"""How often somebody may try."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.access.rates import RATES, Rate, rate_of, tried

rates = st.builds(Rate, st.integers(1, 50), st.floats(0.01, 100))
gaps = st.lists(st.floats(0, 200), max_size=80)


@given(rate=rates, gaps=gaps)
def test_in_any_time_no_more_pass_than_the_burst_and_what_the_time_gives(rate: Rate, gaps: list[float]) -> None:
    now, used, passed = 1e6, 0.0, []
    for gap in gaps:
        now += gap
        found = tried(used, now, rate)
        used = found.used_until
        if not found.wait_s:
            passed.append(now)
    for i, first in enumerate(passed):
        for j in range(i, len(passed)):
            assert j - i + 1 <= rate.burst + (passed[j] - first) / rate.every_s + 1e-3


@given(rate=rates, gaps=gaps)
def test_whoever_waits_as_long_as_told_passes(rate: Rate, gaps: list[float]) -> None:
    now, used = 1e6, 0.0
    for gap in gaps:
        now += gap
        found = tried(used, now, rate)
        if found.wait_s:
            assert not tried(found.used_until, now + found.wait_s, rate).wait_s
        used = found.used_until


@given(rate=rates, now=st.floats(1e6, 1e9), times=st.integers(1, 20))
def test_a_refused_try_does_not_make_the_wait_longer(rate: Rate, now: float, times: int) -> None:
    used = now + rate.burst * rate.every_s
    for _ in range(times):
        found = tried(used, now, rate)
        assert found.wait_s > 0
        assert found.used_until == used


def test_what_has_no_rate_has_the_strictest() -> None:
    assert (
        rate_of("invented", "person:ann")
        == min((one for by in RATES.values() for one in by.values()), key=lambda one: one.burst / one.every_s)
        or rate_of("invented", "x").every_s == 60
    )
