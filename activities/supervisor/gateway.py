"""The way out of a job's own network: a listening socket in it, and a proxy outside that takes its connections.

A socket belongs to the network it was made in, whoever holds it: nothing is relayed between the two.
"""

from __future__ import annotations

import os
import socket
import sys

from activities.supervisor import fast_json as quick
from activities.supervisor import kernel

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from domain.jobs.isolation import ProxySpec

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "proxy", "main.py")
PORT = 3128
"""Of the proxy, on the loopback interface of the job's network."""
WAITING = 128
"""Connections that the kernel holds until they are taken."""
MAX_WORDS = 4_096


class Gateway:
    """Of one job. Made before the job's namespaces are: the proxy lives outside of them."""

    def __init__(self, spec: ProxySpec, folder: str) -> None:
        self._spec = spec
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        starter = os.fork()  # the proxy is nobody's child: it is not counted among the job's processes, nor ended first
        if not starter:
            try:
                os.set_inheritable(theirs.fileno(), True)
                handles = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1)]
                command = [sys.executable, "-I", "-S", PROGRAM, str(theirs.fileno()), folder]
                os.posix_spawn(command[0], command, {"PATH": os.defpath}, file_actions=handles, setsid=True)
            finally:
                os._exit(0)
        os.waitpid(starter, 0)
        theirs.close()
        self.refused = 0

    def open(self, network: int) -> None:
        """Lets the proxy listen in a network namespace, given by a handle that setns(2) takes.

        Raises:
            OSError: the namespace cannot be entered.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        child = os.fork()  # one that enters it cannot come back
        if not child:
            self._listen(network, theirs)
        theirs.close()
        said, handles, _, _ = socket.recv_fds(ours, MAX_WORDS, 1)
        os.waitpid(child, 0)
        ours.close()
        if not handles:
            raise OSError(f"the proxy cannot listen in the job's network: {said.decode('utf-8', 'replace')}")
        config = {"hosts": self._spec["hosts"], "opened": self._spec["opened"]}
        socket.send_fds(self._link, [quick.dumps(config).encode()], handles)
        os.close(handles[0])

    def _listen(self, network: int, tell: socket.socket) -> None:
        try:
            kernel.join(network, kernel.NEWNET)
            with socket.create_server(("127.0.0.1", PORT), backlog=WAITING) as listener:
                socket.send_fds(tell, [b"ok"], [listener.fileno()])
        except OSError as broken:
            tell.send(str(broken).encode()[:MAX_WORDS])
        finally:
            os._exit(0)

    def said(self) -> list[str]:
        """Lines for the log: what was refused since the last call."""
        found = []
        try:
            while data := self._link.recv(MAX_WORDS, socket.MSG_DONTWAIT):
                found += self._line(quick.loads(data.decode()))
        except OSError:
            pass
        return found

    def _line(self, told: dict[str, str]) -> list[str]:
        if "refused" in told:
            self.refused = int(told["refused"])
            return [f"the proxy refused {self.refused:,} requests of this job"] if self.refused else []
        return [f"{told['code']}: the proxy refused {told['what']}"]

    def close(self) -> list[str]:
        """Ends the proxy; its last words."""
        self._link.shutdown(socket.SHUT_WR)
        self._link.settimeout(5)
        found = []
        try:
            while data := self._link.recv(MAX_WORDS):
                found += self._line(quick.loads(data.decode()))
        except OSError:
            pass
        self._link.close()
        return found
