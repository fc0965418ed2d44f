"""Cron expressions as Temporal's calendars."""

from domain.triggers.cron import parse
from workers.client.triggers import calendars_of


def test_two_calendars_say_or_where_temporal_says_and() -> None:
    by_month, by_week = calendars_of("0 0 13 * fri", parse("0 0 13 * fri"))

    assert [(one.start, one.end) for one in by_month.day_of_month] == [(13, 13)]
    assert [(one.start, one.end) for one in by_month.day_of_week] == [(0, 6)]
    assert [(one.start, one.end) for one in by_week.day_of_month] == [(1, 31)]
    assert [(one.start, one.end) for one in by_week.day_of_week] == [(5, 5)]


def test_a_field_that_says_nothing_leaves_the_day_to_the_other() -> None:
    (only,) = calendars_of("0 0 * * mon-fri", parse("0 0 * * mon-fri"))

    assert [(one.start, one.end) for one in only.day_of_week] == [(1, 5)]
