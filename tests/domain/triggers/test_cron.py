"""Cron expressions: what POSIX has, what other programs add, and what can never be."""

from zoneinfo import ZoneInfo

import pytest

from domain.triggers import cron


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("*/20 * * * *", "minutes", (0, 20, 40)),
        ("5/20 * * * *", "minutes", (5, 25, 45)),
        ("10-20/5,59 * * * *", "minutes", (10, 15, 20, 59)),
        ("0 0 1 JAN,dec *", "months", (1, 12)),
        ("0 0 1 feb-apr *", "months", (2, 3, 4)),
        ("0 0 * * 7", "weekdays", (0,)),
        ("0 0 * * 5-7", "weekdays", (0, 5, 6)),
        ("0 0 * * fri-sun", "weekdays", (0, 5, 6)),
        ("0 0 * * sun-sat", "weekdays", (0, 1, 2, 3, 4, 5, 6)),
        ("0 0 * * sun-mon", "weekdays", (0, 1)),
        ("0 0 * * Mon-FRI", "weekdays", (1, 2, 3, 4, 5)),
        ("0 0 * * */2", "weekdays", (0, 2, 4, 6)),
    ],
)
def test_numbers_names_ranges_and_steps(text: str, field: str, values: tuple[int, ...]) -> None:
    assert getattr(cron.parse(text), field) == values


@pytest.mark.parametrize(
    ("text", "either"),
    [
        ("0 0 1 * 1", True),
        ("0 0 13 * 5", True),
        ("0 0 1,15 * */2", True),
        ("0 0 */2 * mon", True),
        ("0 0 1 * *", False),
        ("0 0 * * 1", False),
        ("0 0 */1 * 1", False),
    ],
)
def test_a_day_matches_by_month_or_by_week_when_both_are_restricted(text: str, either: bool) -> None:
    assert cron.parse(text).either is either


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("*/0 * * * *", "step of 0"),
        ("*/60 * * * *", "step of 60"),
        ("*/99999999999999999999 * * * *", "step of"),
        ("30-10 * * * *", "30-59,0-10"),
        ("0 0 * * sat-mon", "6-6,0-1"),
        ("0,,5 * * * *", "0 to 59"),
        ("60 * * * *", "0 to 59"),
        ("0 24 * * *", "0 to 23"),
        ("0 0 0 * *", "1 to 31"),
        ("0 0 1 13 *", "1 to 12"),
        ("0 0 * * 8", "0 to 7"),
        ("-5 * * * *", "0 to 59"),
        ("+5 * * * *", "0 to 59"),
        ("1-2-3 * * * *", "0 to 59"),
        ("٣ * * * *", "0 to 59"),
        ("0 0 * january *", "jan to dec"),
        ("0 0 * april *", "jan to dec"),
        ("mon * * * *", "0 to 59"),
        ("0 0 31 2 *", "never"),
        ("0 0 31 4,6,9,11 *", "never"),
        ("", "five"),
        ("* * * *", "five"),
        ("0 0 0 * * *", "no seconds"),
        ("@daily", "write 0 0 * * *"),
        ("@reboot", "five fields"),
        ("CRON_TZ=UTC 0 0 * * *", "time-zone"),
        ("0 0 ? * *", "write *"),
        ("0 0 L * *", "28-31"),
        ("0 0 15W * *", "Quartz"),
        ("0 0 * * 1#2", "8-14"),
        ("0 0 * * friL", "Quartz"),
        ("H H * * *", "Jenkins"),
        ("H(0-29)/10 * * * *", "Jenkins"),
    ],
)
def test_what_no_day_or_no_posix_cron_has_is_refused_with_what_to_write(text: str, word: str) -> None:
    with pytest.raises(cron.CronError) as told:
        cron.parse(text)
    assert word in f"{told.value} {told.value.hint}"


def test_a_leap_day_and_a_day_that_the_week_saves_are_possible() -> None:
    assert cron.parse("0 0 29 2 *").days == (29,)
    assert cron.parse("0 0 31 2 1").either


@pytest.mark.parametrize(
    ("text", "zone", "minutes"),
    [
        ("*/15 * * * *", "Europe/Berlin", (0, 15, 30, 45)),
        ("10 * * * *", "Australia/Adelaide", (40,)),
        ("10 */1 * * *", "Asia/Kathmandu", (25,)),
        ("*/15 * * * *", "Australia/Lord_Howe", None),
        ("*/15 1-3 * * *", "Europe/Berlin", None),
        ("*/15 * * * mon", "Europe/Berlin", None),
        ("0 0 * * *", "UTC", None),
    ],
)
def test_what_is_hourly_goes_by_utc_and_loses_nothing_when_clocks_change(
    text: str, zone: str, minutes: tuple[int, ...] | None
) -> None:
    steady = cron.parse(text).in_utc(ZoneInfo(zone))

    assert (steady.minutes if steady else None) == minutes
