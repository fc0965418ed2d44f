"""Activities beat while they work, and their threads stop when they are told."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest
from temporalio.testing import ActivityEnvironment

from activities.core import cancellation
from activities.core.cancellation import CancellationToken, Heartbeat, Stopped, run_blocking


def _environment(beats: list[str | int]) -> ActivityEnvironment:
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.extend(details)
    return environment


@pytest.fixture
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancellation, "INTERVAL_S", 0.01)


@pytest.mark.usefixtures("_often")
async def test_each_beat_says_what_the_work_is_at() -> None:
    beats: list[str | int] = []

    async def work() -> None:
        async with Heartbeat() as heartbeat:
            heartbeat.report("first")
            while "first" not in beats:
                await asyncio.sleep(0)
            heartbeat.report("second")
            while "second" not in beats:
                await asyncio.sleep(0)

    await asyncio.wait_for(_environment(beats).run(work), 120)


async def test_details_are_asked_anew_for_each_beat() -> None:
    beats: list[str | int] = []

    async def work() -> None:
        async with Heartbeat(lambda: 7):
            while not beats:
                await asyncio.sleep(0)

    await asyncio.wait_for(_environment(beats).run(work), 120)
    assert beats == [7]


async def test_a_heartbeat_outside_an_activity_is_none() -> None:
    async with Heartbeat():
        await asyncio.sleep(0)


async def test_short_work_beats_not_at_all() -> None:
    beats: list[str | int] = []
    assert await _environment(beats).run(partial(run_blocking, lambda: 42)) == 42
    assert beats == []


async def test_a_cancel_waits_for_work_that_can_stop() -> None:
    token, begun, ended = CancellationToken(), threading.Event(), threading.Event()

    def work() -> None:
        try:
            while True:
                token.report("at it")
                begun.set()
        except Stopped:
            ended.set()
            raise

    task = asyncio.create_task(run_blocking(work, token))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
