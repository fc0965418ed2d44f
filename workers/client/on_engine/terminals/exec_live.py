"""A session while it is open: filtered, recorded, paced, and ended when its right, its login or its time is over."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from activities.pods.recording import Recording
from activities.pods.terminals import Output, Terminal
from domain.pods.exec_session import INPUT_BYTES_S, MESSAGE_BYTES, OUTPUT_BYTES_S, Pace, over, side
from domain.pods.terminal_filter import TerminalFilter
from workers.client.ports.terminals import EXITED, ExecEnd

Look = Callable[["ExecLive"], Awaitable[str]]
"""Why a session has to end now; empty: it goes on. Asked every few seconds."""


@dataclass
class ExecLive:
    """Implements `LiveSession`."""

    id: str
    terminal: Terminal
    recording: Recording
    tty: bool = True
    """False: bytes of a program for a program, which are recorded as text and handed on as they are."""
    clock: Callable[[], float] = time.time
    bytes_in: int = 0
    bytes_out: int = 0
    ended: ExecEnd | None = None
    used_at: float = 0
    typed_at: float = 0
    _filters: dict[int, TerminalFilter] = field(default_factory=lambda: {1: TerminalFilter(), 2: TerminalFilter()})
    _size: tuple[int, int] = (0, 0)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _out: Pace = field(default_factory=lambda: Pace(OUTPUT_BYTES_S))
    _in: Pace = field(default_factory=lambda: Pace(INPUT_BYTES_S))

    def __post_init__(self) -> None:
        self.began = self.used_at = self.clock()

    async def read(self) -> Output | None:
        """The next output, for a terminal without sequences that reach beyond the text; waits where it is too fast."""
        while self.ended is None:
            found = await self._until_over(self.terminal.read())
            if found is None:
                self._ends(ExecEnd(why=EXITED, code=self.terminal.code))
                return None
            channel, data = found
            self.bytes_out += len(data)
            self.used_at = self.clock()
            shown = self._filters[channel].pass_on(data)
            self.recording.output(channel, shown)
            self._must_be_recorded()
            await self._pause(self._out, len(data))
            if handed_on := shown if self.tty else data:
                return channel, handed_on
        return None

    async def write(self, data: bytes) -> None:
        """What comes after the end goes nowhere."""
        if self.ended is not None:
            return
        self.bytes_in += len(data)
        self.used_at = self.typed_at = self.clock()
        self.recording.input(data)
        await self._until_over(self.terminal.write(data))
        await self._pause(self._in, max(len(data), MESSAGE_BYTES))

    async def resize(self, columns: int, rows: int) -> None:
        """In bounds, and no faster than input; the same size again is none."""
        if self.ended is not None:
            return
        size = side(columns), side(rows)
        if size != self._size:
            self._size = size
            self.recording.resize(*size)
            self._must_be_recorded()
            await self._until_over(self._resized(size))
        await self._pause(self._in, MESSAGE_BYTES)

    async def _resized(self, size: tuple[int, int]) -> None:
        await self.terminal.resize(*size)

    def stop(self, why: str) -> None:
        """Ends it: who reads or writes is told at once."""
        self._ends(ExecEnd(why=why))

    @asynccontextmanager
    async def watched(self, look: Look, every: float) -> AsyncIterator[None]:
        """Looks for as long as the block runs; a look that fails ends the session too."""
        task = asyncio.create_task(self._watch(look, every))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch(self, look: Look, every: float) -> None:
        while self.ended is None:
            await asyncio.sleep(every)
            try:
                why = over(self.began, self.used_at, self.clock()) or await look(self)
            except Exception as broken:  # whatever it was: without an answer nobody stays in a container
                why = f"its rights cannot be asked: {type(broken).__name__}"
            if why:
                self.stop(why)

    def _must_be_recorded(self) -> None:
        """Else whoever fills the recording first is seen no more."""
        if self.recording.cut:
            self.stop("its recording is full")

    def _ends(self, end: ExecEnd) -> None:
        self.ended = self.ended or end
        self._over.set()

    async def _until_over(self, work: Awaitable[Output | None]) -> Output | None:
        """What the work gives; None when the session ends before it."""
        doing, ending = asyncio.ensure_future(work), asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            doing.cancel()
            ending.cancel()

    async def _pause(self, pace: Pace, size: int) -> None:
        if seconds := pace.wait(size, self.clock()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), seconds)
