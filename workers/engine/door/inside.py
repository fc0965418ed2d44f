"""The server, and one process beside it that opens connections to it for those who came through the door.

A socket belongs to the network it was made in, whoever holds it: so the door can stay outside, with the rights it has.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from workers.engine.door import namespace

PORT, UI_PORT = 7233, 8233
PATIENCE_S = 60.0
POLL_S = 0.01


class Inside:
    """The far side of the door."""

    def __init__(self, link: socket.socket, pid: int, ports: tuple[int, int], why: str) -> None:
        self.link, self._pid, self.why = link, pid, why
        """`why`: this machine allows no network of its own; empty: it has one."""
        self.port, self.ui_port = ports

    @classmethod
    def start(cls, command: list[str], doors: Sequence[socket.socket]) -> Inside:
        """Starts the server. Where it can have no network of its own, it gets free ports of this machine.

        `doors`: sockets that stay outside.
        """
        why = _rehearse()
        ports = (_free(), _free()) if why else (PORT, UI_PORT)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        filled = [word.replace("{port}", str(ports[0])).replace("{ui_port}", str(ports[1])) for word in command]
        pid = os.fork()
        if not pid:
            for outside in (ours, *doors):
                outside.close()
            _serve(theirs, filled, apart=not why)
        theirs.close()
        return cls(ours, pid, ports, why)

    def connect(self, port: int) -> socket.socket:
        """A connection to a port of the server.

        Raises:
            OSError: nobody listens there.
        """
        self.link.send(str(port).encode())
        said, handles, _, _ = socket.recv_fds(self.link, 16, 1)
        if not handles:
            raise ConnectionRefusedError(int(said or b"0"), "the server does not answer")
        return socket.socket(fileno=handles[0])

    def wait_until_it_answers(self) -> None:
        """Until the server's port is open.

        Raises:
            SystemExit: it ended, or took too long.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(OSError):
                self.connect(self.port).close()
                return
            time.sleep(POLL_S)
        sys.exit("the server did not open its port")

    def stop(self) -> None:
        with suppress(OSError):
            os.kill(self._pid, signal.SIGTERM)

    def ended(self) -> None:
        """Ends the door as the server has ended.

        Raises:
            SystemExit: always.
        """
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1]) & 0xFF)


def _rehearse() -> str:
    """Why this machine allows no network of its own; a child tries, since a failure may leave it half way."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            namespace.enter()
        except OSError as refused:
            os.write(write, str(refused).encode()[:500])
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        why = answer.read()
    os.waitpid(pid, 0)
    return why


def _serve(link: socket.socket, command: list[str], *, apart: bool) -> None:
    """Never returns: starts the server, and opens connections to it until it ends."""
    if apart:
        namespace.enter()
    namespace.end_with_parent(signal.SIGKILL)  # the next door must not meet a server that still runs
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.kill(server, signal.SIGTERM))
    server = os.fork()
    if not server:
        link.close()
        namespace.end_with_parent(signal.SIGKILL)
        os.execvp(command[0], command)  # noqa: S606  (the engine's own command)
    signal.signal(signal.SIGCHLD, lambda *_: _leave(server))
    while asked := link.recv(16):
        try:
            opened = socket.create_connection(("127.0.0.1", int(asked)))
        except OSError as refused:
            link.send(str(refused.errno or 0).encode())
            continue
        socket.send_fds(link, [b"ok"], [opened.fileno()])
        opened.close()
    os.kill(server, signal.SIGKILL)  # the door has gone
    _leave(server)


def _leave(server: int) -> None:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]) & 0xFF)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
