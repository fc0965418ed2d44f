"""Runs a tool with limits, in its own process group and with a marker, and leaves no processes behind."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import subprocess
from asyncio.subprocess import Process
from collections.abc import Coroutine, Mapping, Sequence
from functools import cache
from pathlib import Path

from activities.core.port import Completed
from activities.supervisor import tree

MAX_OUTPUT_BYTES = 20_000_000
MEMORY_MB = 4_000


async def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    key: str,
    memory_mb: int = MEMORY_MB,
    network: bool = False,
    stdout: Path | None = None,
) -> Completed:
    """Runs a tool to its end. With `stdout`, standard output goes to that file, and the result holds standard error.

    Without `network` it gets an empty network namespace, if this machine allows that.

    Cancelling kills all its processes.

    Raises:
        OSError: the program cannot be started.
    """
    if not shutil.which(command[0], path=env.get("PATH")):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    whole = [*([] if network else alone()), *command]
    process, cancelled = await _uncancelled(_start(whole, cwd, {**env, tree.MARKER: key}, stdout))
    said = process.stderr if stdout else process.stdout
    assert said is not None
    reading = asyncio.create_task(_read(said))
    stopped = ""
    watching = asyncio.create_task(_watch(key, memory_mb, process.pid))
    try:
        if cancelled:
            raise asyncio.CancelledError
        async with asyncio.timeout(timeout_s):
            await process.wait()
        stopped = watching.result() if watching.done() else ""
    except TimeoutError:
        stopped = f"not finished after {timeout_s:g} s"
    finally:
        watching.cancel()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(asyncio.to_thread(tree.kill, key, 0))
    output = await reading
    return Completed(await process.wait(), output, stopped)


async def _start(command: list[str], cwd: Path, env: Mapping[str, str], stdout: Path | None) -> Process:
    with stdout.open("wb") if stdout else contextlib.nullcontext(asyncio.subprocess.PIPE) as written:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=written,
            stderr=asyncio.subprocess.PIPE if stdout else asyncio.subprocess.STDOUT,
            start_new_session=True,
        )


async def _uncancelled(start: Coroutine[None, None, Process]) -> tuple[Process, bool]:
    """Whether it was cancelled meanwhile, too. A start that is cancelled itself kills the tool alone, and waits for
    as long as its children hold the output.
    """
    starting = asyncio.ensure_future(start)
    try:
        return await asyncio.shield(starting), False
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            return await starting, True
        raise


async def _watch(key: str, memory_mb: int, pid: int) -> str:
    """Stops a tool that exceeds its memory; an address-space limit would stop programs that only reserve memory."""
    while await asyncio.to_thread(tree.resident_bytes, key) <= memory_mb * 1_000_000:  # noqa: ASYNC110
        await asyncio.sleep(0.25)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return f"used more than {memory_mb:,} MB of memory"


@cache
def alone() -> tuple[str, ...]:
    """The prefix for an empty network namespace: as root, or in a user namespace; empty where neither is allowed."""
    for prefix in (("unshare", "--net", "--"), ("unshare", "--user", "--map-current-user", "--net", "--")):
        if shutil.which(prefix[0]):
            tried = subprocess.run([*prefix, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if tried.returncode == 0:
                return prefix
    return ()


async def _read(stream: asyncio.StreamReader) -> bytes:
    kept = bytearray()
    while chunk := await stream.read(65_536):
        if len(kept) < MAX_OUTPUT_BYTES:
            kept += chunk
    return bytes(kept[:MAX_OUTPUT_BYTES])
