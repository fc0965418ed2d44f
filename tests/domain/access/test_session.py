"""How long a login lives."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.access.attributes import FRESH_S
from domain.access.session import (
    IDLE_S,
    MOST_S,
    Session,
    Way,
    alive,
    is_fresh,
)

NOW = 1_800_000_000.0
LINK = Session(id="s", person="ann", way=Way.LINK, began_at=NOW, seen_at=NOW, authenticated_at=NOW)
times = st.floats(0, 2 * MOST_S)


@given(times, times, st.booleans())
def test_asvs_7_3_a_session_ends_when_idle_and_at_its_end(began: float, seen: float, browser: bool) -> None:
    session = replace(LINK, browser=browser, began_at=NOW - began, seen_at=NOW - seen)
    assert alive(session, NOW) == (began < MOST_S and (seen < IDLE_S or (not browser and seen < MOST_S)))


@given(st.floats(1, 1e9))
def test_a_session_of_the_future_does_not_count(ahead: float) -> None:
    assert not alive(replace(LINK, began_at=NOW + ahead, seen_at=NOW + ahead), NOW)
    assert not is_fresh(NOW + ahead, NOW)


def test_a_second_factor_is_fresh_for_minutes() -> None:
    assert is_fresh(NOW, NOW)
    assert not is_fresh(NOW, NOW + FRESH_S + 1)
    assert not is_fresh(0, NOW)
