"""Runs a tool: an argument list, limits, its own process group and marker, and an end without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.supervisor import tree

MAX_OUTPUT_BYTES = 20_000_000


@dataclass(frozen=True)
class Completed:
    exit_code: int
    output: bytes
    """Standard output and error, together, cut at MAX_OUTPUT_BYTES."""
    timed_out: bool = False


async def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float, key: str) -> Completed:
    """Raises OSError when the program cannot be started. Cancelling kills all that the tool started."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**env, tree.MARKER: key},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    reading = asyncio.create_task(_read(process.stdout))
    timed_out = False
    try:
        async with asyncio.timeout(timeout_s):
            await process.wait()
    except TimeoutError:
        timed_out = True
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(asyncio.to_thread(tree.kill, key, 0))
    output = await reading
    return Completed(await process.wait(), output, timed_out)


async def _read(stream: asyncio.StreamReader) -> bytes:
    kept = bytearray()
    while chunk := await stream.read(65_536):
        if len(kept) < MAX_OUTPUT_BYTES:
            kept += chunk
    return bytes(kept[:MAX_OUTPUT_BYTES])
