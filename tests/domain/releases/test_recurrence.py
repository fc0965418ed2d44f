"""Freezes that come again, and those of iCalendar: what is understood holds, what is not is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Node
from domain.releases import calendars, ical, recurrence
from domain.releases.windows import Calendar, Freeze, standing

HOUR_S, DAY_S = 3600.0, 86_400.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def utc(zone: str, when: float) -> float:
    return 0.0


def event(*lines: str) -> bytes:
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(body).encode()


def freeze_of(*lines: str) -> Freeze:
    (one,) = ical.freezes(event(*lines))
    return calendars.freeze(Node(one))


def test_a_freeze_that_comes_again_holds_each_time_and_says_until_when() -> None:
    yearly = freeze_of("DTSTART;VALUE=DATE:20231224", "DTEND;VALUE=DATE:20231227", "RRULE:FREQ=YEARLY", "SUMMARY:Xmas")
    held = standing([Calendar(freezes=(yearly,))], at("2031-12-25 12:00"), utc)

    assert (held.open, held.until) == (False, at("2031-12-27"))
    assert held.why == "frozen (Xmas): closed until Sat 2031-12-27 00:00 UTC"
    open_ = standing([Calendar(freezes=(yearly,))], at("2031-12-20"), utc)
    assert (open_.open, open_.until) == (True, at("2031-12-24"))


def test_what_is_left_out_of_a_recurrence_does_not_hold() -> None:
    weekly = freeze_of(
        "DTSTART:20260105T160000Z", "DURATION:PT4H", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR", "EXDATE:20260109T160000Z"
    )
    held = [
        not standing([Calendar(freezes=(weekly,))], at(day) + 17 * HOUR_S, utc).open
        for day in ("2026-01-05", "2026-01-06", "2026-01-09", "2026-01-12", "2026-01-16")
    ]

    assert held == [True, False, False, True, True]


def test_an_event_has_the_zone_and_the_end_that_it_says() -> None:
    (one,) = ical.freezes(
        event(
            "DTSTART;TZID=Europe/Berlin:20261218T180000", "DTEND;TZID=Europe/Berlin:20270104T080030", r"SUMMARY:a\, b"
        )
    )

    assert (one["from_"], one["to"]) == ("2026-12-18 18:00", "2027-01-04 08:01")
    assert (one["zone"], one["why"]) == ("Europe/Berlin", "a, b")
    day = freeze_of("DTSTART;VALUE=DATE:20261218", "SUMMARY:folded", "  line")
    assert (day.end_s - day.begin_s, day.why) == (DAY_S, "folded line")


def test_a_cancelled_event_holds_nothing_and_zones_of_the_file_are_not_read() -> None:
    data = event("DTSTART:20260101T000000Z", "DTEND:20260102T000000Z", "STATUS:CANCELLED")
    zone = b"BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:19700101T000000\nEND:STANDARD\nEND:VTIMEZONE\n"

    assert ical.freezes(data.replace(b"BEGIN:VEVENT", zone + b"BEGIN:VEVENT")) == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["DTSTART:soon", "DTEND:later"], "no date"),
        (["DTEND:20260101T000000Z"], "no date"),
        (["DTSTART:20260101T000000Z", "DURATION:forever"], "no duration"),
        (["DTSTART:20260101T000000Z", "DURATION:P"], "no duration"),
        (["DTSTART:20260101T000000Z", "RDATE:20260102T000000Z"], "not supported"),
        (["DTSTART:20260101T000000Z", "DTSTART:20260102T000000Z"], "a second DTSTART"),
        (["DTSTART:20261332"], "line 3"),
        (["DTSTART;TZID=Europe/Berlin:20260101T000000", "DTEND:20260101T000000Z"], "ends in UTC"),
        (["no line"], "line 4 is no line"),
        (["BEGIN:VALARM", "END:VEVENT"], "not expected here"),
        (["BEGIN:A", "BEGIN:B", "BEGIN:C"], "not expected here"),
        (["EXDATE:" + "20260101," * 300], "left out"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(lines: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ical.freezes(event(*lines))


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"BEGIN:VCALENDAR\n", b"x" * 300_000, b"\n" * 30_000, b"BEGIN:VEVENT\nEND:VEVENT\n"],
    ids=["empty", "not text", "cut off", "too large", "too long", "no calendar"],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        ical.freezes(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        ical.freezes(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT\nEND:VCALENDAR\n")


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=SECONDLY", "at most daily"),
        ("FREQ=YEARLY;BYSETPOS=1", "not understood"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "first date"),
        ("FREQ=DAILY;COUNT=5;UNTIL=20300101", "COUNT or UNTIL"),
        ("FREQ=DAILY;FREQ=DAILY", "one FREQ"),
        ("INTERVAL=2", "one FREQ"),
        ("FREQ=DAILY;COUNT=99999", "not understood"),
        ("RRULE", "not understood"),
    ],
)
def test_a_rule_that_is_endless_work_or_impossible_is_refused(rule: str, why: str) -> None:
    assert why in recurrence.complaint(rule, at("2026-01-05"), at("2026-01-06"))


@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 99),
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda one: one.replace(microsecond=0)),
    st.floats(0, 100 * DAY_S),
)
def test_beginnings_are_in_order_within_what_was_asked_and_begin_with_the_first(
    freq: str, interval: int, begin: datetime, span: float
) -> None:
    first, rule = begin.replace(tzinfo=UTC).timestamp(), f"FREQ={freq};INTERVAL={interval}"
    assert recurrence.complaint(rule, first, first + DAY_S) == ""
    found = recurrence.begins(rule, first, first, first + span)

    assert found[0] == first
    assert all(one < other for one, other in pairwise(found))
    assert found[-1] <= first + span
