"""Calls that block do not wait for each other because a machine has few cores."""

import asyncio
import threading

from workers.worker import temporal


async def test_as_many_calls_as_promised_block_at_the_same_time():
    temporal.more_threads()
    all_there = threading.Barrier(temporal.THREADS, timeout=30)
    await asyncio.gather(*(asyncio.to_thread(all_there.wait) for _ in range(temporal.THREADS)))
