"""The port to a command that runs in a container: bytes both ways, a size, an end. Also one in memory, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from domain.access.principal import Principal
from domain.pods.exec_session import ExecTarget

Output = tuple[int, bytes]
"""Channel (1: output, 2: errors) and what was written; never empty."""


class Terminal(Protocol):
    """A command under way."""

    async def read(self) -> Output | None:
        """Waits for output; None: the command has ended, or the connection to it. One part at a time is taken from
        the cluster, so whoever does not read makes the command wait.
        """
        ...

    async def write(self, data: bytes) -> None:
        """To its standard input."""
        ...

    async def resize(self, columns: int, rows: int) -> None:
        """Of its terminal; without one it does nothing."""
        ...

    @property
    def code(self) -> int | None:
        """Its exit code once `read` gave None; None: nobody knows, as after a lost connection."""
        ...


class Terminals(Protocol):
    """Where commands in containers are run."""

    def open(self, target: ExecTarget, who: Principal | None = None) -> AbstractAsyncContextManager[Terminal]:
        """Runs the command; what is still open at the end of the block is hung up. `who` runs it, where the cluster
        asks for that; None: the engine, for the owner of the home.

        Raises:
            RefusedError: SLW974, SLW975, the cluster's own RBAC does not let them.
            SluicewayError: SLW943, the cluster refuses or does not answer; SLW952, it is unknown.
        """
        ...


@dataclass
class MemoryTerminal:
    """What it reads is what a test puts into `said`; what is written to it is in `typed`."""

    said: asyncio.Queue[Output | None] = field(default_factory=asyncio.Queue)
    typed: bytearray = field(default_factory=bytearray)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    code: int | None = None
    hung_up: bool = False
    react: Callable[[bytes], bytes] = lambda data: data
    """What input makes it say; an echo."""

    async def read(self) -> Output | None:
        """The next part; None for ever after the first None."""
        found = await self.said.get()
        if found is None:
            self.said.put_nowait(None)
        return found

    async def write(self, data: bytes) -> None:
        """Echoes."""
        self.typed += data
        if answer := self.react(data):
            self.said.put_nowait((1, answer))
        if data.endswith((b"\x04", b"exit\r")):
            self.end(0)

    async def resize(self, columns: int, rows: int) -> None:
        """Remembers it."""
        self.sizes.append((columns, rows))

    def end(self, code: int) -> None:
        """The command ends."""
        self.code = code
        self.said.put_nowait(None)


@dataclass
class MemoryTerminals:
    """Runs nothing: each target gets a terminal that echoes."""

    opened: list[tuple[ExecTarget, MemoryTerminal]] = field(default_factory=list)
    make: Callable[[], MemoryTerminal] = MemoryTerminal

    @asynccontextmanager
    async def open(self, target: ExecTarget, who: Principal | None = None) -> AsyncIterator[MemoryTerminal]:
        """One more."""
        made = self.make()
        self.opened.append((target, made))
        try:
            yield made
        finally:
            made.hung_up = True
