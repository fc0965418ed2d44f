"""Open connections to loopback ports, as the kernel counts them: what a version still has to answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_OPEN = {"01", "08"}
"""ESTABLISHED, and CLOSE_WAIT: the other side has said all that it will, and still wants its answer."""
_POLL_S = 0.03


def open_connections(ports: Collection[int]) -> int:
    """Connections that ended at one of the ports on this machine, seen from the process that listens there."""
    wanted, count = {f"{port:04X}" for port in ports}, 0
    for table in _TABLES:
        try:
            lines = table.read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split(None, 4)
            if fields[3] in _OPEN and fields[1].rpartition(":")[2] in wanted:
                count += 1
    return count


async def drained(ports: Collection[int], limit_s: float) -> tuple[float, int]:
    """Waits until no connection is open. Returns the seconds it took, and how many were still open at the limit."""
    began = time.monotonic()
    while (left := open_connections(ports)) and time.monotonic() - began < limit_s:  # noqa: ASYNC110  (the kernel tells nobody)
        await asyncio.sleep(_POLL_S)
    return round(time.monotonic() - began, 3), left
