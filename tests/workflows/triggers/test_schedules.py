"""Schedules on the real server: which days, and what the clock's change does."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.service import RPCError

from activities.triggers.port import ScheduledDelivery
from tests.support.lab import Lab
from workers.client import triggers

BERLIN = ZoneInfo("Europe/Berlin")


def last_sunday(month: int) -> date:
    """The next one: when Europe changes its clocks."""
    today = date.today()
    ends = [date(year, month + 1, 1) - timedelta(days=1) for year in (today.year, today.year + 1)]
    return next(day for end in ends if (day := end - timedelta(days=(end.weekday() + 1) % 7)) > today)


async def times_of(lab: Lab, name: str, *crons: tuple[str, str]) -> list[str]:
    """The next ten, as the clock on the wall shows them."""
    what = ScheduledDelivery(name, "/repo", "sluiceway.yaml", "main")
    id_ = await triggers.schedule(lab.engine, what, crons)
    try:
        described = await lab.engine.client.get_schedule_handle(id_).describe()
    finally:
        await triggers.schedule(lab.engine, what, [], crons)
    return [f"{time.astimezone(BERLIN):%F %H:%M %Z}" for time in described.info.next_action_times]


async def test_a_day_of_the_month_or_of_the_week_starts_a_run(lab: Lab) -> None:
    times = await times_of(lab, "either", ("0 0 13 * fri", "Europe/Berlin"))

    days = [date.fromisoformat(time[:10]) for time in times]
    assert all(day.day == 13 or day.weekday() == 4 for day in days)
    assert sum(day.weekday() == 4 for day in days) > 4
    assert any(day.day == 13 for day in days)


async def test_a_time_that_the_spring_leaves_out_is_left_out(lab: Lab) -> None:
    gap = last_sunday(3)
    times = await times_of(lab, "gap", (f"30 2 {gap.day - 1},{gap.day} 3 *", "Europe/Berlin"))

    assert times[0] == f"{gap - timedelta(days=1)} 02:30 CET"
    assert not times[1].startswith(str(gap))


async def test_a_time_that_the_autumn_has_twice_starts_one_run(lab: Lab) -> None:
    overlap = last_sunday(10)
    times = await times_of(lab, "overlap", (f"30 1-3 {overlap.day} 10 *", "Europe/Berlin"))

    assert [time[:16] for time in times[:4]] == [
        *(f"{overlap} 0{hour}:30" for hour in (1, 2, 3)),
        f"{overlap.replace(year=overlap.year + 1)} 01:30",
    ]


async def test_what_is_hourly_runs_by_utc(lab: Lab) -> None:
    what = ScheduledDelivery("hourly", "/repo", "sluiceway.yaml", "main")
    crons = [("*/15 * * * *", "Europe/Berlin"), ("0 3 * * *", "Europe/Berlin")]
    id_ = await triggers.schedule(lab.engine, what, crons)
    zones = [
        (await lab.engine.client.get_schedule_handle(one).describe()).schedule.spec.time_zone_name
        for one in (id_, f"{id_}/Europe/Berlin")
    ]
    await triggers.schedule(lab.engine, what, [], crons)

    assert zones == ["UTC", "Europe/Berlin"]


async def test_each_time_zone_has_a_schedule_and_none_is_left_behind(lab: Lab) -> None:
    what = ScheduledDelivery("zones", "/repo", "sluiceway.yaml", "main")
    two = [("0 3 * * *", "UTC"), ("0 3 * * *", "Asia/Tokyo")]
    await triggers.schedule(lab.engine, what, two)
    other = lab.engine.client.get_schedule_handle("schedule/zones/Asia/Tokyo")
    assert (await other.describe()).schedule.spec.time_zone_name == "Asia/Tokyo"
    await triggers.schedule(lab.engine, what, [("0 3 * * *", "Asia/Tokyo")], two)

    with pytest.raises(RPCError, match="not found"):
        await other.describe()
    first = lab.engine.client.get_schedule_handle("schedule/zones")
    assert (await first.describe()).schedule.spec.time_zone_name == "Asia/Tokyo"
    await triggers.schedule(lab.engine, what, [], [("0 3 * * *", "Asia/Tokyo")])
