"""The previous version is measured while the new one starts: neither waits for the other."""

import asyncio

from tests.support.lab import Lab
from tests.workflows.releases.judged import first, recorded, text


async def test_the_previous_version_is_measured_while_the_new_one_starts(memory, monkeypatch):
    lab, platform, source = memory
    await first(lab, "overlap")
    source.per_tick = 1000
    measured, start, baseline = asyncio.Event(), platform.start, platform.baseline

    async def starting(*args):
        await asyncio.wait_for(measured.wait(), 120)
        await start(*args)

    async def measuring(*args):
        measured.set()
        return await baseline(*args)

    monkeypatch.setattr(platform, "start", starting)
    monkeypatch.setattr(platform, "baseline", measuring)

    assert (await _released(lab, "overlap")).status == "passed"
    steps = recorded(lab)["steps"]
    assert steps.index("measure 1") == steps.index("start 2") + 1


async def test_a_version_that_does_not_start_ends_the_measurement(memory, monkeypatch):
    lab, platform, _ = memory
    await first(lab, "unready")
    platform.never_ready.add("2")
    began, cancelled, start = asyncio.Event(), asyncio.Event(), platform.start

    async def starting(*args):
        await began.wait()
        await start(*args)

    async def measuring(*_):
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    monkeypatch.setattr(platform, "start", starting)
    monkeypatch.setattr(platform, "baseline", measuring)

    result = await _released(lab, "unready")

    assert result.status == "rolled-back"
    assert cancelled.is_set()
    assert "measure 1" not in recorded(lab)["steps"]


async def _released(lab: Lab, environment: str):
    return await lab.result(await lab.start(text(environment, "2")))
