"""This terminal as that of a command in a container: raw input, its size, and its output as it comes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import termios
import tty as modes
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from domain.pods.exec_session import FRAME_BYTES
from domain.pods.terminal_filter import TerminalFilter
from workers.client.ports.terminals import LEFT, ExecEnd, LiveSession, Terminals
from workers.views.output import out_stream


async def attached(terminals: Terminals, ticket: str, *, tty: bool) -> ExecEnd:
    """Runs the session of a ticket to its end. Without a terminal nothing is typed, and the outputs stay apart."""
    columns, rows = shutil.get_terminal_size()
    async with terminals.open(ticket, columns, rows) as live:
        if tty and sys.stdin.isatty():
            with raw(sys.stdin.fileno()):
                async with typed(live):
                    await shown(live, as_it_is=True)
        else:
            await shown(live, as_it_is=False)
        return live.ended or ExecEnd(why=LEFT)


async def shown(live: LiveSession, *, as_it_is: bool) -> None:
    """Until it ends. What a terminal gets was filtered where the session is recorded, and is again: a server that
    somebody has taken over has no power over this terminal either.
    """
    filters = defaultdict[int, TerminalFilter](TerminalFilter)
    while (found := await live.read()) is not None:
        channel, data = found
        if as_it_is:
            sys.stdout.buffer.write(filters[channel].pass_on(data))
            sys.stdout.buffer.flush()
        else:
            out_stream(data, err=channel == 2)


@asynccontextmanager
async def typed(live: LiveSession) -> AsyncIterator[None]:
    """What is typed goes to the session, one part after the other, and so does the size of this terminal."""
    loop, parts = asyncio.get_running_loop(), asyncio.Queue[bytes]()
    descriptor = sys.stdin.fileno()

    def read() -> None:
        if data := os.read(descriptor, FRAME_BYTES // 2):
            parts.put_nowait(data)
        else:
            loop.remove_reader(descriptor)

    async def send() -> None:
        while True:
            await live.write(await parts.get())

    resizing: set[asyncio.Task[None]] = set()

    def resized() -> None:
        task = loop.create_task(live.resize(*shutil.get_terminal_size()))
        resizing.add(task)
        task.add_done_callback(resizing.discard)

    loop.add_reader(descriptor, read)
    loop.add_signal_handler(signal.SIGWINCH, resized)
    sending = loop.create_task(send())
    try:
        yield
    finally:
        sending.cancel()
        loop.remove_reader(descriptor)
        loop.remove_signal_handler(signal.SIGWINCH)


@contextmanager
def raw(descriptor: int) -> Iterator[None]:
    """Every key goes to the command; the terminal is as before afterwards."""
    before = termios.tcgetattr(descriptor)
    try:
        modes.setraw(descriptor, termios.TCSANOW)  # what was typed already is kept
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
