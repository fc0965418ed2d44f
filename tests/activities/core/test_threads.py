"""A thread that writes is never left behind."""

import asyncio
from threading import Event

import pytest

from activities.core.threads import finished


async def test_what_is_cancelled_has_ended_before_anybody_goes_on():
    began, stop, done = Event(), Event(), []

    def work() -> None:
        began.set()
        stop.wait(60)
        done.append(True)

    task = asyncio.create_task(finished(work, stop.set))
    await asyncio.to_thread(began.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [True]


async def test_its_result_and_its_error_are_the_callers():
    assert await finished(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        await finished(lambda: 1 // 0)
