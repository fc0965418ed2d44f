"""Windows and freezes hold a release, never its way back: before it locks the environment, and at each weight."""

import time

import pytest
from temporalio import activity

from activities.releases import port
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.port import WindowAnswer, WindowQuestion
from activities.releases.targets.memory import MemoryTarget
from domain.core.errors import SluicewayError
from tests.support.fakes import FastClock, on_memory
from tests.support.lab import Lab, prepared, until
from tests.support.profile import first_of
from tests.workflows.releases.judged import first, nth, reached, recorded, second, text, view
from workers.client import approvals, releases

WHY = "frozen (an audit): closed until Tue 2026-12-01 00:00 UTC"


class Calendars(port.WindowActivities):
    """Closed when a test says so; an answer holds for a second."""

    def __init__(self) -> None:
        self.closed = False
        self.asked: list[WindowQuestion] = []

    @activity.defn(name="release-window")
    async def window(self, question: WindowQuestion) -> WindowAnswer:
        self.asked.append(question)
        return WindowAnswer(not self.closed, time.time() + 0.2, WHY if self.closed else "")


@pytest.fixture
async def held(temporal_address, tmp_path):
    """A lab whose releases are held by a calendar of the test."""
    platform, source, calendars = MemoryTarget(), MemorySource(), Calendars()
    kept = on_memory(prepared(temporal_address, tmp_path), platform, source, FastClock())
    activities = [*(one for one in kept if one.__name__ != "window"), calendars.window]
    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        yield lab, platform, source, calendars


async def waiting(lab, release):
    async def found():
        seen = await view(lab, release)
        return seen if seen.waiting_for.startswith("window: ") else None

    return await until(found)


async def test_a_release_waits_for_its_window_before_it_locks_the_environment(held):
    lab, platform, _, calendars = held
    await first(lab, "held1")
    calendars.closed = True
    run = await lab.start(text("held1", "2"))
    seen = await waiting(lab, await second(lab))
    assert (seen.waiting_for, seen.percent) == (f"window: {WHY}", 0)
    assert (await releases.environment(lab.engine, "held1")).holder == ""
    assert platform.weights["web"] == {"r1": 100.0}

    calendars.closed = False
    assert (await lab.result(run)).status == "passed"
    told = [(event["what"], event["why"]) for event in recorded(lab)["story"]]
    assert told[:2] == [("holds", WHY), ("goes on", "its windows are open")]


async def test_over_its_window_a_release_stays_at_its_weight_and_is_judged_on(held):
    lab, platform, source, calendars = held
    await first(lab, "held2")
    source.per_tick = 4  # too little for evidence
    run = await lab.start(text("held2", "2"))
    release = await second(lab)
    at = (await reached(lab, release, 5)).percent
    calendars.closed, source.per_tick = True, 1000
    assert (await waiting(lab, release)).percent == at

    source.error_rate = {"2": 0.5}
    assert (await lab.result(run)).status == "rolled-back"
    assert "the new version is worse" in recorded(lab)["reason"]
    assert platform.weights["web"] == {"r1": 100.0}


async def test_one_that_goes_back_over_its_window_does_so_at_once_and_no_person_has_stopped_it(held):
    lab, platform, source, calendars = held
    await first(lab, "held3")
    source.per_tick = 4
    run = await lab.start(text("held3", "2", extra="      window: close-back"))
    release = await second(lab)
    await reached(lab, release, 5)
    calendars.closed = True

    assert (await lab.result(run)).status == "rolled-back"
    assert (recorded(lab)["verdict"], recorded(lab)["reason"][: len(WHY)]) == ("rolled-back", WHY)
    assert platform.weights["web"] == {"r1": 100.0}


@pytest.mark.parametrize("begun", first_of(True, False))
async def test_a_held_release_can_be_aborted(held, begun):
    lab, platform, source, calendars = held
    environment = f"held4-{begun}".lower()
    await first(lab, environment)
    source.per_tick, calendars.closed = (4, False) if begun else (1000, True)
    run = await lab.start(text(environment, "2"))
    release = await second(lab)
    if begun:
        await reached(lab, release, 5)
        calendars.closed, source.per_tick = True, 1000
    await waiting(lab, release)
    await releases.steer(lab.engine, release, "abort", "not today")

    assert (await lab.result(run)).status == "rolled-back"
    assert (recorded(lab)["verdict"], "not today" in recorded(lab)["reason"]) == ("aborted", True)
    assert platform.weights["web"] == {"r1": 100.0}


@pytest.mark.system
async def test_what_was_live_before_is_live_again_in_any_freeze(held):
    lab, platform, _, calendars = held
    await first(lab, "held5")
    assert (await lab.result(await lab.start(text("held5", "2")))).status == "passed"
    calendars.closed, before = True, len(calendars.asked)
    await releases.rollback(lab.engine, "held5", "web")
    await nth(lab, 3)

    await until(lambda: platform.weights["web"] == {"r1": 100.0})
    assert len(calendars.asked) == before


async def asked(lab, release):
    async def open_() -> bool:
        return (await view(lab, release)).approvals == ("override",)

    await until(open_)
    await until(lambda: approvals.view(lab.engine, release, "override"))


async def test_an_approval_lets_one_release_pass_and_a_rejection_leaves_it_waiting(held):
    lab, platform, source, calendars = held
    lab.identity("one")
    await first(lab, "held7")
    source.per_tick = 4
    run = await lab.start(text("held7", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    with pytest.raises(SluicewayError, match="no window holds it"):
        await releases.steer(lab.engine, release, "override", "too early")
    calendars.closed, source.per_tick = True, 1000
    await waiting(lab, release)
    for approve in (False, True):
        await releases.steer(lab.engine, release, "override", "it ends the outage")
        with pytest.raises(SluicewayError, match="is open already"):
            await releases.steer(lab.engine, release, "override", "again")
        await asked(lab, release)
        seen = await approvals.view(lab.engine, release, "override")
        assert WHY in seen.message
        assert "it ends the outage" in seen.message

        async def decided(approve: bool = approve) -> bool:
            """On the newest of the two approvals, which have one name."""
            decision = await approvals.sign(lab.engine, release, "override", "one", approve, "", lab.settings.keys)
            return (await approvals.decide(lab.engine, release, "override", decision)).counted

        await until(decided)
        if not approve:
            await waiting(lab, release)
            await until(lambda: has_told(lab, release, "approval override"))

    assert (await lab.result(run)).status == "passed"
    assert platform.weights["web"] == {"r2": 100.0}
    assert calendars.closed


async def has_told(lab, release, what):
    return any(event.what == what for event in (await view(lab, release)).story)


@pytest.mark.system
async def test_an_override_that_nobody_answers_holds_nobody_back_once_the_window_opens(held):
    lab, _, _, calendars = held
    lab.identity("one")
    await first(lab, "held8")
    calendars.closed = True
    run = await lab.start(text("held8", "2"))
    release = await second(lab)
    await waiting(lab, release)
    await releases.steer(lab.engine, release, "override", "it ends the outage")
    await asked(lab, release)
    calendars.closed = False

    assert (await lab.result(run)).status == "passed"


async def test_the_definitions_calendar_is_asked_for_the_environment(held):
    lab, _, _, calendars = held
    window = '      windows: [{days: mon-fri, from: "09:00", to: "16:00", zone: Europe/Berlin}, {ALWAYS}]'
    window = window.replace("{ALWAYS}", '{days: mon-sun, from: "00:00", to: "24:00"}')
    assert (await lab.result(await lab.start(text("held6", "1", extra=window)))).status == "passed"

    assert calendars.asked[0].environment == "held6"
    assert str(calendars.asked[0].calendar.windows[0]) == "mon,tue,wed,thu,fri 09:00-16:00 Europe/Berlin"


async def test_an_engine_that_takes_its_window_for_open_gets_no_permit(held):
    lab, platform, _, _ = held
    frozen = "      freezes: [{from: 2020-01-01, to: 2100-01-01, why: an audit}]\n"
    result = await lab.result(await lab.start(text("held9", "1", extra=frozen)))
    assert result.status == "failed"
    assert "SLW048" in result.reason
    assert platform.weights == {}
