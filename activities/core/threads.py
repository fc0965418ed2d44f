"""Work in a thread that writes files: who cancels it gets control back when it has ended, and can remove them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def finished(work: Callable[[], T], stop: Callable[[], None] = lambda: None) -> T:
    """As `asyncio.to_thread`, but a thread that is cancelled is waited for. `stop`: asks it to end early."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait([running])
        raise
