"""What a worker does beside its workflows comes back after an error, and says so."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.notifications.port import Notice
from workers.worker.beside import FIRST_S, MOST_S, Beside, kept, pause_s


class Channel:
    def __init__(self, *, breaks: bool = False) -> None:
        self.told, self.breaks = list[Notice](), breaks

    async def notify(self, notice: Notice) -> None:
        self.told.append(notice)
        if self.breaks:
            raise RuntimeError("away")


async def run(work, rounds: int, *channels: Channel) -> list[float]:
    """The pauses between so many attempts."""
    pauses = list[float]()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == rounds:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await kept(Beside("sweeps", work), channels, sleep)
    return pauses


async def fails() -> None:
    raise KeyError("gone")


async def test_a_task_that_fails_begins_again_later_each_time_and_is_told_once(caplog: pytest.LogCaptureFixture):
    channel = Channel()
    assert await run(fails, 4, channel) == [1, 2, 4, 8]
    assert [(one.kind, one.text) for one in channel.told] == [
        ("worker-failing", "the worker's task 'sweeps' failed: KeyError: 'gone'")
    ]
    assert caplog.text.count("'sweeps' failed") == 4


async def test_a_task_that_ends_by_mistake_begins_again():
    async def ends() -> None: ...

    assert await run(ends, 2) == [1, 2]


async def test_a_channel_that_breaks_ends_nothing():
    assert await run(fails, 3, Channel(breaks=True)) == [1, 2, 4]


async def test_a_worker_that_ends_ends_its_tasks():
    begun = asyncio.Event()

    async def works() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(kept(Beside("works", works)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@given(st.integers(1, 10**9))
def test_a_pause_has_its_bounds_and_never_gets_shorter(failures: int):
    assert FIRST_S <= pause_s(failures) <= pause_s(failures + 1) <= MOST_S
