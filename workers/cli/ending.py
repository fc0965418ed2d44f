"""Runs the work of a command so that a request to end it leaves no process and no folder behind."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

T = TypeVar("T")
ENDED = 128
"""Added to the signal's number: the exit code that shells give a program that it has ended."""


def to_end(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`. SIGTERM, and a terminal that closes, cancel the work as Ctrl-C does.

    Raises:
        click.exceptions.Exit: such a signal has ended it.
        KeyboardInterrupt: Ctrl-C has.
    """
    by: list[int] = []

    async def stoppable() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def end(number: int) -> None:
            by.append(number)
            task.cancel()

        here = threading.current_thread() is threading.main_thread()  # no other thread can hear of a signal
        for number in (signal.SIGTERM, signal.SIGHUP):
            if here and signal.getsignal(number) is signal.SIG_DFL:  # under nohup the terminal may close
                loop.add_signal_handler(number, end, number)
        return await work

    try:
        return asyncio.run(stoppable())
    except asyncio.CancelledError:
        raise click.exceptions.Exit(ENDED + (by[0] if by else signal.SIGTERM)) from None
