"""When a release may go forward: windows, freezes, and clocks that are put back and forward."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases import windows as w
from domain.releases.windows import Calendar, Freeze, Window, days_of, minutes_of, standing

BERLIN = "Europe/Berlin"  # 2026: forward on 29 March at 2:00, back on 25 October at 3:00


@cache
def offset(zone: str, at: float) -> float:
    found = datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found.total_seconds()


def wall(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def at(text: str, zone: str = BERLIN, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def window(days: str, begin: str, end: str, zone: str = BERLIN) -> Window:
    return Window(days=days_of(days), begin=minutes_of(begin), end=minutes_of(end), zone=zone)


def freeze(begin: str, end: str, why: str = "", zone: str = BERLIN) -> Freeze:
    return Freeze(begin_s=wall(begin), end_s=wall(end), zone=zone, why=why)


OFFICE = Calendar(windows=(window("mon-thu", "09:00", "16:00"),))


@pytest.mark.parametrize(
    ("moment", "is_open", "until"),
    [
        ("2026-11-30T09:00", True, "2026-11-30T16:00"),  # a Monday
        ("2026-11-30T15:59:59", True, "2026-11-30T16:00"),
        ("2026-11-30T16:00", False, "2026-12-01T09:00"),
        ("2026-11-30T08:59:59", False, "2026-11-30T09:00"),
        ("2026-12-03T16:00", False, "2026-12-07T09:00"),  # over the weekend
        ("2026-10-22T17:00", False, "2026-10-26T09:00"),  # the clock is put back meanwhile
    ],
)
def test_a_window_is_open_between_its_times_on_its_days(moment, is_open, until):
    found = standing([OFFICE], at(moment), offset)

    assert (found.open, found.until) == (is_open, at(until))


def test_what_closes_a_release_is_said_with_the_time_of_its_zone() -> None:
    closed = standing([OFFICE], at("2026-11-29T12:00"), offset)
    frozen = standing(
        [OFFICE, Calendar(freezes=(freeze("2026-12-18", "2027-01-04", "end of the year"),))],
        at("2026-12-24T12:00"),
        offset,
    )

    assert closed.why == (
        "outside of mon,tue,wed,thu 09:00-16:00 Europe/Berlin: closed until Mon 2026-11-30 09:00 Europe/Berlin"
    )
    assert "frozen (end of the year): closed until Mon 2027-01-04 09:00" in (
        standing(
            [Calendar(freezes=(freeze("2026-12-18", "2027-01-04", "end of the year"),)), OFFICE],
            at("2026-12-24T12:00"),
            offset,
        ).why
    )
    assert frozen.until == at("2027-01-04T09:00")


def test_a_window_may_pass_midnight_and_belongs_to_the_day_that_it_begins_on() -> None:
    night = [Calendar(windows=(window("fri", "22:00", "02:00"),))]

    assert standing(night, at("2026-11-28T01:00"), offset) == w.Standing(True, at("2026-11-28T02:00"))
    assert not standing(night, at("2026-11-27T01:00"), offset).open
    assert standing(night, at("2026-11-28T02:00"), offset).until == at("2026-12-04T22:00")


def test_a_window_to_the_end_of_a_day_meets_the_next_days() -> None:
    whole = [Calendar(windows=(window("mon,tue", "00:00", "24:00"),))]

    assert standing(whole, at("2026-11-30T23:59"), offset) == w.Standing(True, at("2026-12-02T00:00"))


def test_the_hour_that_is_skipped_belongs_to_no_window_and_one_that_spans_it_opens_after_it() -> None:
    skipped = [Calendar(windows=(window("sun", "02:00", "03:00"),))]
    spans = [Calendar(windows=(window("sun", "02:30", "04:00"),))]

    assert standing(skipped, at("2026-03-28T12:00"), offset).until == at("2026-04-05T02:00")
    assert standing(spans, at("2026-03-29T01:59"), offset).until == at("2026-03-29T03:00")


def test_the_hour_that_is_shown_twice_belongs_to_its_window_twice() -> None:
    twice = [Calendar(windows=(window("sun", "02:00", "02:30"),))]

    first = standing(twice, at("2026-10-25T02:10"), offset)
    between = standing(twice, at("2026-10-25T02:40"), offset)
    again = standing(twice, at("2026-10-25T02:10", fold=1), offset)
    assert (first.open, between.open, again.open) == (True, False, True)
    assert first.until == at("2026-10-25T02:30")
    assert between.until == at("2026-10-25T02:00", fold=1)
    assert again.until == at("2026-10-25T02:30", fold=1)


def test_a_freeze_covers_all_that_its_clock_may_mean() -> None:
    ends = freeze("2026-10-25T02:30", "2026-10-25T02:45")
    begins = freeze("2026-03-29T02:30", "2026-03-29T05:00")

    assert ends.spans(0, offset) == [(at("2026-10-25T02:30"), at("2026-10-25T02:45", fold=1))]
    assert begins.spans(0, offset)[0][0] <= at("2026-03-29T03:00")


def test_a_freeze_over_a_windows_border_ends_it_early_and_opens_it_late() -> None:
    both = [OFFICE, Calendar(freezes=(freeze("2026-11-30T15:00", "2026-12-01T10:00"),))]

    assert standing(both, at("2026-11-30T14:00"), offset) == w.Standing(True, at("2026-11-30T15:00"))
    assert standing(both, at("2026-11-30T15:00"), offset).until == at("2026-12-01T10:00")


def test_what_never_opens_is_said() -> None:
    never = [Calendar(windows=(window("mon", "09:00", "09:00"),))]
    apart = [Calendar(windows=(window("mon", "09:00", "10:00"),)), Calendar(windows=(window("tue", "09:00", "10:00"),))]

    for calendars in (never, apart):
        found = standing(calendars, at("2026-11-30T09:30"), offset)
        assert (found.open, found.until, "for more than 100 days" in found.why) == (False, 0, True)


def test_nothing_is_said_where_nothing_is_written() -> None:
    assert standing([], at("2026-11-30T03:00"), offset) == w.Standing(True)
    assert standing([Calendar()], at("2026-11-30T03:00"), offset) == w.Standing(True)


zones = st.sampled_from([BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"])
a_window = st.builds(
    Window,
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    begin=st.integers(0, 47).map(lambda half: half * 30),
    end=st.integers(1, 48).map(lambda half: half * 30),
    zone=zones,
)
around = st.sampled_from(["2026-03-27", "2026-10-23", "2026-04-03", "2026-11-01", "2026-02-14"]).map(wall)
a_freeze = st.builds(
    lambda begin, hours, zone: Freeze(begin_s=begin, end_s=begin + hours * 3600, zone=zone),
    around,
    st.integers(0, 60),
    zones,
)
a_calendar = st.builds(
    Calendar, windows=st.lists(a_window, max_size=2).map(tuple), freezes=st.lists(a_freeze, max_size=1).map(tuple)
)
a_moment = st.tuples(around, st.integers(0, 4 * 48)).map(lambda one: one[0] + one[1] * 1800.0)


@given(st.lists(a_calendar, max_size=2), a_moment)
def test_nothing_changes_until_the_time_that_is_said_and_then_it_does(calendars, moment):
    found = standing(calendars, moment, offset)
    end = found.until or moment + 9 * w.DAY_S
    steps = range(int(moment), int(min(end, moment + 9 * w.DAY_S)), 1800)

    assert all(w.is_open(calendars, step, offset) is found.open for step in steps)
    if found.until:
        assert w.is_open(calendars, found.until, offset) is not found.open
        assert w.is_open(calendars, found.until - 1, offset) is found.open


@given(a_calendar, a_calendar, a_moment)
def test_another_calendar_can_only_tighten(one, other, moment):
    alone = [w.is_open([calendar], moment, offset) for calendar in (one, other)]

    assert w.is_open([one, other], moment, offset) is all(alone)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-thu", (0, 1, 2, 3)),
        ("Sat-Mon", (0, 5, 6)),
        ("wed", (2,)),
        ("mon, fri", (0, 4)),
        ("sun-sat", tuple(range(7))),
    ],
)
def test_days_are_read(text, days):
    assert days_of(text) == days


@pytest.mark.parametrize("text", ["", "monday", "mon-", "-thu", "mon--thu", "mon;tue", "mon-thu-fri", "\u0663"])
def test_what_is_no_days_is_refused(text):
    with pytest.raises(ValueError, match="days are such as"):
        days_of(text)


@pytest.mark.parametrize(
    "text", ["9:00", "24:01", "25:00", "09:60", "0900", "09:00:00", "\u0660\u0669:\u0660\u0660", ""]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="a time is such as"):
        minutes_of(text)
