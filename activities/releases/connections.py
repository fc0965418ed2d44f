"""Open connections to loopback ports, from the kernel: the requests that a version still has to answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_OPEN = {"01", "08"}
"""ESTABLISHED, and CLOSE_WAIT: the client has sent everything and still waits for an answer."""
_POLL_S = 0.03


def open_connections(ports: Collection[int]) -> int:
    """Connections to one of the ports on this machine, from the listening side."""
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
    """Waits until no connection is open. Returns the seconds it took, and how many were open at the limit."""
    began = time.monotonic()
    while (left := open_connections(ports)) and time.monotonic() - began < limit_s:  # noqa: ASYNC110  (the kernel tells nobody)
        await asyncio.sleep(_POLL_S)
    return round(time.monotonic() - began, 3), left
