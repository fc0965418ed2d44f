"""Durations, and what somebody may have meant."""

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


@given(st.text(min_size=1), st.randoms(use_true_random=False))
def test_did_you_mean_only_offers_what_is_known(word, rng):
    known = ["build", "test", "deploy"]
    rng.shuffle(known)

    assert values.closest(word, known) in {"", *known}
