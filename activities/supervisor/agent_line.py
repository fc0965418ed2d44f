"""The supervisor's end of the connection to a job's agent, which runs in a pod (deploy/agent/wire.go has the other).

The agent dials the engine, and its connection waits in the backlog of the job's socket until somebody accepts it. What
it says is a stranger's: lengths, offsets and numbers are looked at. A connection that ends is no loss: the agent keeps
what its steps wrote, dials again, and goes on from where this end has it.
"""

from __future__ import annotations

import os
import socket
import time

from activities.supervisor import fast_json as quick

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.core.documents import Manifest

SOCKET = "agent.sock"
"""In the job's folder; the job endpoint connects it with the agent."""
HELLO, OUTPUT, ENDED, BEGIN, FINISH, TAKE, GIVE, BLOB = b"HOERTFGB"
PROTOCOL = 1
MAX_FRAME = 64 << 10
"""Of the agent's; it sends pieces of 32 KiB."""
PIECE = 32 << 10
HELLO_S = 10.0
ABSENT_S = 120.0
"""How long an agent may be away: longer than a cut network is noticed by both sides."""
LOOK_S = 2.0
"""Between two questions whether the pod of an agent that is away runs."""
BACKLOG = 4


class AwayError(OSError):
    """The agent does not come back."""


class WireError(OSError):
    """What this connection says is not the protocol, or it has ended."""


def listening(folder: str) -> socket.socket:
    """The job's socket, whatever is left of an earlier one."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)  # a path of a socket has 107 bytes at most (unix(7))
    try:
        try:
            os.unlink(SOCKET, dir_fd=handle)
        except FileNotFoundError:
            pass
        made.bind(f"/proc/self/fd/{handle}/{SOCKET}")
    finally:
        os.close(handle)
    made.listen(BACKLOG)
    return made


class Line:
    """One connection, after the agent's hello."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link

    def close(self) -> None:
        self._link.close()

    def read(self, wait_s: float | None = None) -> tuple[int, bytes]:
        """The next frame.

        Raises:
            TimeoutError: none began in that time.
            WireError: there is none, or it is too large.
        """
        self._link.settimeout(wait_s)
        first = self._link.recv(1)
        self._link.settimeout(HELLO_S)
        head = first + self._exactly(4)
        size = int.from_bytes(head[1:], "big")
        if size > MAX_FRAME or not first:
            raise WireError("a frame is too large" if first else "the connection has ended")
        return head[0], self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        parts, missing = list[bytes](), size
        while missing:
            data = self._link.recv(min(missing, MAX_FRAME))
            if not data:
                raise WireError("the connection has ended")
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def write(self, kind: int, body: bytes = b"") -> None:
        self._link.settimeout(HELLO_S * 2)
        self._link.sendall(bytes([kind]) + len(body).to_bytes(4, "big") + body)

    def say(self, kind: int, what: Manifest) -> None:
        self.write(kind, quick.dumps(what).encode())

    def told(self, kind: int, body: bytes) -> dict[str, object]:
        """The object that a frame of this kind holds."""
        try:
            found = quick.loads(body.decode()) if kind in (HELLO, ENDED) else None
        except (ValueError, StopIteration, RecursionError) as wrong:
            raise WireError("what the agent says is no JSON") from wrong
        if not isinstance(found, dict):
            raise WireError("the agent says what nobody asked for")
        return found


def connected(listener: socket.socket, runs: Callable[[], bool]) -> Line:
    """The next connection that says hello.

    Raises:
        AwayError: the pod does not `run` any more, or its agent was away for too long.
    """
    deadline, look = time.monotonic() + ABSENT_S, time.monotonic() + LOOK_S
    while True:
        listener.settimeout(0.2)
        try:
            line = Line(listener.accept()[0])
        except TimeoutError:
            if time.monotonic() > look:
                look = time.monotonic() + LOOK_S
                if not runs():
                    raise AwayError("the pod of the job does not run any more") from None
            if time.monotonic() > deadline:
                raise AwayError("the agent in the job's pod does not connect") from None
            continue
        try:
            first = line.told(*line.read(HELLO_S))
            if first.get("protocol") == PROTOCOL:
                return line
        except (OSError, TimeoutError):
            pass
        line.close()


def number(found: object, most: int) -> int:
    """A whole number from 0; anything else is an error of the wire."""
    if type(found) is not int or not 0 <= found <= most:
        raise WireError("the agent says a number that cannot be")
    return found
