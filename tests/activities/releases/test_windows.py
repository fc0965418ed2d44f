"""The calendars of an environment and a definition, by the IANA database that the engine is installed with."""

import os
import time
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzdata

from activities.access.environments import Environments
from activities.releases.port import WindowQuestion
from activities.releases.windows import WindowActivities, offset
from domain.releases.calendars import MOST_FREEZES, MOST_WINDOWS
from domain.releases.windows import Calendar, Freeze, Window, standing
from pipeline_defs.releases.environment_model import Environment
from workers.core.records import Records

NOON = datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()  # a Monday


def environments(tmp_path, **more):
    definitions = Records.at(tmp_path / "records.db").definitions
    document = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": "production", **more}
    definitions.save("Environment", "production", Environment.model_validate(document).model_dump_json())
    return Environments(definitions)


async def test_an_environments_calendar_tightens_a_definitions_and_is_read_anew(tmp_path):
    known = environments(tmp_path, windows=[{"days": "mon", "from": "09:00", "to": "16:00", "zone": "Europe/Berlin"}])
    activities = WindowActivities(known, lambda: NOON)
    wide, narrow = Calendar(), Calendar(windows=(Window(days=(0,), begin=13 * 60, end=14 * 60, zone="Europe/Berlin"),))

    first = await activities.window(WindowQuestion("production", wide))
    assert (first.open, first.until, first.zones) == (True, NOON + 4 * 3600, tzdata.IANA_VERSION)
    assert (await activities.window(WindowQuestion("production", narrow))).until == NOON + 3600
    assert (await activities.window(WindowQuestion("elsewhere", wide))).open

    freezes = [{"from": "2026-11-30", "to": "2026-12-01", "zone": "Europe/Berlin", "why": "an audit"}]
    environments(tmp_path, freezes=freezes)
    found = await activities.window(WindowQuestion("production", wide))
    assert (found.open, "frozen (an audit): closed until Tue 2026-12-01 00:00 Europe/Berlin" in found.why) == (
        False,
        True,
    )


async def test_a_cluster_of_an_environment_has_the_environments_calendar(tmp_path):
    known = environments(tmp_path, freezes=[{"from": "2026-11-30", "to": "2026-12-01"}])

    assert not (await WindowActivities(known, lambda: NOON).window(WindowQuestion("production@eu-1", Calendar()))).open


async def test_no_release_goes_forward_by_a_clock_that_there_is_not(tmp_path):
    frozen = Calendar(freezes=(Freeze(begin_s=0, end_s=1, zone="../../etc/passwd"),))

    with pytest.raises(ValueError, match="no time zone"):
        await WindowActivities(environments(tmp_path), lambda: NOON).window(WindowQuestion("production", frozen))


@pytest.mark.parametrize(
    "zone", ["", "/etc/passwd", "..", "Europe", "Europe/../UTC", "Nowhere/City", "a" * 5000, "x\0y"]
)
def test_a_zone_is_a_name_of_the_database_and_no_path(zone):
    with pytest.raises(ValueError, match="no time zone"):
        offset(zone, NOON)


def test_the_database_is_the_engines_and_not_the_machines(monkeypatch):
    """The machine's own database, and its own zone, do not count."""
    monkeypatch.setenv("PYTHONTZPATH", "/nowhere")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        assert offset("Europe/Berlin", NOON) == 3600
        assert offset("UTC", NOON) == 0
    finally:
        monkeypatch.undo()
        os.environ.pop("PYTHONTZPATH", None)
        time.tzset()


def test_every_zone_that_a_definition_may_name_is_there():
    for zone in sorted(available_timezones())[::20]:
        assert abs(offset(zone, NOON)) <= 14 * 3600


async def test_the_most_that_a_definition_may_write_is_answered_soon(tmp_path):
    """Windows of one environment and one definition that never meet, in as many zones, under as many freezes."""
    zones = sorted(available_timezones())[: 2 * MOST_WINDOWS]
    asked: list[int] = []
    days = {"mine": (0, 1), "theirs": (3, 4)}

    def counted(zone: str, at: float) -> float:
        asked.append(1)
        return offset(zone, at)

    several = [
        Calendar(
            windows=tuple(
                Window(days=days[who], begin=i, end=700 + i, zone=zone) for i, zone in enumerate(zones[at::2])
            ),
            freezes=tuple(Freeze(begin_s=NOON + 90_000 * i, end_s=NOON + 90_000 * i + 40) for i in range(MOST_FREEZES)),
        )
        for at, who in enumerate(days)
    ]
    assert not standing(several, NOON, counted).until
    assert len(asked) < 500_000
