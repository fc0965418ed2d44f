"""Windows and freezes hold the next wave of a release over many clusters; meanwhile others may release."""

import pytest

from activities.releases.metric_sources.memory import MemorySource
from tests.support.clustered import NAMES, begun, registered, seen
from tests.support.fakes import FastClock, Fleet, on_memory
from tests.support.lab import Lab, prepared, until
from tests.workflows.releases.test_held_releases import WHY, Calendars
from workers.client import approvals, releases

WAVES = [{"clusters": "canary-eu", "soak": "1h"}, {"clusters": "region=eu"}]


@pytest.fixture
async def held(temporal_address, tmp_path):
    fleet, calendars = Fleet(), Calendars()
    kept = on_memory(prepared(temporal_address, tmp_path), fleet, MemorySource(), FastClock())
    activities = [*(one for one in kept if one.__name__ != "window"), calendars.window]
    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        yield lab, fleet, calendars


async def between(lab, calendars, environment):
    """A release that waits for its window after its first wave."""
    registered(lab, environment, NAMES[:2], WAVES)
    run = await begun(lab, environment, "1")
    whole = f"release/web/{environment}/1"
    await seen(lab, whole, "canary-eu", "live")
    calendars.closed = True
    await releases.steer(lab.engine, whole, "promote", "it has soaked enough")

    async def waits():
        return (await releases.view(lab.engine, whole)).waiting_for == f"window: {WHY}"

    await until(waits)
    return run, whole


async def holder(lab, environment):
    return (await releases.environment(lab.engine, environment)).holder


async def test_no_wave_begins_outside_of_a_window_and_the_environment_is_free_meanwhile(held):
    lab, fleet, calendars = held
    run, whole = await between(lab, calendars, "shut1")

    async def free():
        return await holder(lab, "shut1") == ""

    await until(free)
    assert fleet.begun == ["canary-eu"]
    calendars.closed = False
    assert (await lab.result(run)).status == "passed"
    assert fleet.begun == ["canary-eu", "eu-1"]
    assert (await releases.environment(lab.engine, "shut1")).live["web"][-1].spec.version == "1"
    told = [event.what for event in (await releases.view(lab.engine, whole)).story]
    assert told.index("holds") < told.index("goes on")


@pytest.mark.system
async def test_an_override_of_the_whole_lets_its_next_parts_pass_too(held):
    lab, fleet, calendars = held
    lab.identity("one")
    run, whole = await between(lab, calendars, "shut2")
    await releases.steer(lab.engine, whole, "override", "it ends the outage")

    async def signed():
        return await approvals.sign(lab.engine, whole, "override", "one", True, "", lab.settings.keys)

    await approvals.decide(lab.engine, whole, "override", await until(signed))
    assert (await lab.result(run)).status == "passed"
    assert calendars.closed
    assert fleet.begun == ["canary-eu", "eu-1"]


async def test_what_goes_back_asks_no_window(held):
    lab, fleet, calendars = held
    run, whole = await between(lab, calendars, "shut3")
    await releases.steer(lab.engine, whole, "abort", "not today")

    assert "not today" in (await lab.result(run)).reason
    assert fleet.begun == ["canary-eu"]
    assert await holder(lab, "shut3") == ""
