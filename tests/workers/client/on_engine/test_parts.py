"""What takes its time holds up nothing else."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from workers.client.on_engine.parts import EngineParts


async def test_a_list_is_read_while_many_wait_for_git() -> None:
    nothing: Any = None
    parts, fetched = EngineParts(nothing, nothing, nothing), threading.Event()
    waiting = [asyncio.create_task(parts.blocking(fetched.wait)) for _ in range(100)]
    try:
        await asyncio.sleep(0)
        assert await asyncio.wait_for(parts.read(lambda: "here"), 120) == "here"
    finally:
        fetched.set()
    assert all(await asyncio.gather(*waiting))
