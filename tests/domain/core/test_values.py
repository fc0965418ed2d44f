"""Durations, and what somebody may have meant."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import values


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", None), ("90s", 90), ("1m30s", 90), ("24h", 86400), (5, 5), ("500ms", 0.5)]
)
def test_durations(text, seconds):
    if seconds is None:
        with pytest.raises(ValueError, match="is not a duration"):
            values.duration_s(text)
    else:
        assert values.duration_s(text) == seconds


@pytest.mark.parametrize(
    "text", [1e300, float("inf"), float("nan"), 10**400, -1, -0.001, "99999999999d", "9" * 5000 + "s", "-5s", "36526d"]
)
def test_a_duration_is_from_0_to_a_hundred_years(text: str | float) -> None:
    with pytest.raises(ValueError, match="is not a duration") as told:
        values.duration_s(text)
    assert len(str(told.value)) < 150


@pytest.mark.parametrize(
    "text", [".inf", "1h30", "1m1m1m", "30s1m", "5 minutes", "1H", "1w", "1e3s", "٣s", "", "s", True]
)
def test_what_is_no_duration_is_told_how_one_is_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"90s|1d2h3m"):
        values.duration_s(text)


def test_the_longest_duration_fits_into_the_timers_of_the_engine() -> None:
    assert timedelta(seconds=2 * values.duration_s("36525d")) < timedelta.max
    assert values.MAX_DURATION_S * 1e9 < 2**63  # nanoseconds, as Temporal counts them


@given(st.text(min_size=1), st.randoms(use_true_random=False))
def test_did_you_mean_only_offers_what_is_known(word, rng):
    known = ["build", "test", "deploy"]
    rng.shuffle(known)

    assert values.closest(word, known) in {"", *known}
