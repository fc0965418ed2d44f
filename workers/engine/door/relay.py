"""Carries bytes between connections from this machine and the server in its own network, in one thread.

A connection is looked at once, when it opens; then its bytes pass unread. Where one side is slow the other waits.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

CHUNK_BYTES = 262_144
READ, WRITE = select.EPOLLIN, select.EPOLLOUT
HUNG_UP = select.EPOLLHUP
"""Both directions are closed: what waits to be sent has no reader."""
_GONE = HUNG_UP | select.EPOLLERR


class Guard(Protocol):
    """Looks at the first bytes of a connection."""

    def opening(self, data: bytes) -> bytes | None:
        """What goes on to the server in their place; None: more is needed.

        Raises:
            Refused: nothing goes on.
        """
        ...

    def answer(self, data: bytes) -> bytes:
        """The first bytes of the server's answer, as they go back."""
        ...


class Refused(Exception):  # noqa: N818  (an answer, not an error)
    """The connection ends here; `words` are sent back first."""

    def __init__(self, why: str, words: bytes = b"") -> None:
        super().__init__(why)
        self.words = words


class Loop:
    """Waits for all sockets at once."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._handlers: dict[int, Callable[[int], None]] = {}

    def add(self, source: socket.socket, handler: Callable[[int], None], events: int = READ) -> None:
        """Calls the handler with the events that came, until `remove`."""
        self._handlers[source.fileno()] = handler
        self._poll.register(source, events)

    def change(self, source: socket.socket, events: int) -> None:
        self._poll.modify(source, events)

    def remove(self, source: socket.socket) -> None:
        if self._handlers.pop(source.fileno(), None):
            self._poll.unregister(source)

    def run(self) -> None:
        """Until a handler raises SystemExit."""
        while True:
            for handle, events in self._poll.poll():
                if handler := self._handlers.get(handle):  # it may have gone in this round
                    handler(events)


class Side:
    """One end of a relayed connection: its socket, and what waits to be sent to it."""

    def __init__(self, loop: Loop, link: socket.socket, handler: Callable[[Side, int], None]) -> None:
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link, self.waiting = link, b""
        self.ended = False
        """Whether it has sent its last byte."""
        self._loop, self._events = loop, READ
        loop.add(link, lambda events: handler(self, events))

    def send(self, data: bytes) -> None:
        """Sends what the socket takes at once; the rest waits."""
        if not self.waiting:
            with suppress(BlockingIOError):
                data = data[self.link.send(data) :]
        self.waiting += data

    def flush(self) -> None:
        with suppress(BlockingIOError):
            self.waiting = self.waiting[self.link.send(self.waiting) :]

    def wait_for(self, *, reads: bool) -> None:
        """Waits to be read, and to be written to where something waits."""
        events = (READ if reads and not self.ended else 0) | (WRITE if self.waiting else 0)
        if events != self._events:
            self._events = events
            self._loop.change(self.link, events)

    def close(self) -> None:
        self._loop.remove(self.link)
        self.link.close()


class Pair:
    """A connection through the door: from its first bytes until both sides have ended."""

    def __init__(self, loop: Loop, outer: socket.socket, connect: Callable[[], socket.socket], guard: Guard) -> None:
        self._loop, self._connect, self._guard = loop, connect, guard
        self._opening, self._answered = b"", False
        self._inner: Side | None = None
        self._outer = Side(loop, outer, self._ready)

    def _ready(self, side: Side, events: int) -> None:
        try:
            if events & WRITE:
                side.flush()
            if events & (READ | _GONE):
                self._read(side)
            if events & HUNG_UP and side.ended:
                raise ConnectionResetError
        except Refused as refused:
            with suppress(OSError):
                self._outer.link.send(refused.words)
            self._close()
        except OSError:
            self._close()
        else:
            self._wait()

    def _read(self, side: Side) -> None:
        try:
            data = side.link.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._end(side)
        elif side is self._inner:
            self._outer.send(data if self._answered else self._guard.answer(data))
            self._answered = True
        elif self._inner:
            self._inner.send(data)
        else:
            self._open(data)

    def _open(self, data: bytes) -> None:
        self._opening += data
        onward = self._guard.opening(self._opening)
        if onward is not None:
            self._inner = Side(self._loop, self._connect(), self._ready)
            self._inner.send(onward)
            self._opening = b""

    def _end(self, side: Side) -> None:
        side.ended = True
        other = self._outer if side is self._inner else self._inner
        if other is None:
            raise Refused("it closed before it said what it wants")
        with suppress(OSError):
            other.link.shutdown(socket.SHUT_WR)

    def _wait(self) -> None:
        outer, inner = self._outer, self._inner
        if inner is None:
            return
        if outer.ended and inner.ended and not (outer.waiting or inner.waiting):
            self._close()
            return
        outer.wait_for(reads=not inner.waiting)
        inner.wait_for(reads=not outer.waiting)

    def _close(self) -> None:
        for side in (self._outer, self._inner):
            if side:
                side.close()
