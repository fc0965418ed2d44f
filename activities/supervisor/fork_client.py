"""The worker's end of its fork server: started with the first job, and again when it was lost."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

from activities.supervisor import program

MODE, ROOM = "forks", 1_024
"""The mode of the program, and room behind it for the words by which `ps` tells one supervisor from another."""
PAUSE_S = 10.0
"""Without a server, after two of them could not be used."""
PATIENCE_S = 10.0


class ForkServer:
    """Of this process; threads take turns."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        """`patience_s`: for a fork of a server that has answered before; one that takes longer is replaced."""
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._owner, self._not_before, self._has_answered = 0, 0.0, False

    @property
    def pid(self) -> int:
        """0: none runs."""
        return self._process.pid if self._process is not None and self._owner == os.getpid() else 0

    def expect(self) -> None:
        """A job will come: the server need not be waited for."""
        with self._turn, contextlib.suppress(OSError):
            if not self.pid and time.monotonic() >= self._not_before:
                self._begin()

    def start(self, folder: Path, given: int, errors: int) -> int:
        """The pid of a supervisor for a job's folder; 0: no server can start one.

        Args:
            folder: of the job.
            given: a handle for its standard input.
            errors: a handle for its standard error.
        """
        with self._turn:
            for _ in range(2 if time.monotonic() >= self._not_before else 0):  # again, if the one before was killed
                try:
                    return self._asked(folder, given, errors)
                except OSError:
                    self._drop()
            if time.monotonic() >= self._not_before:
                self._not_before = time.monotonic() + PAUSE_S
        return 0

    def _asked(self, folder: Path, given: int, errors: int) -> int:
        if not self.pid:
            self._begin()
        assert self._socket is not None
        self._socket.settimeout(self._patience_s if self._has_answered else PATIENCE_S)
        socket.send_fds(self._socket, [os.fsencode(folder)], [given, errors])
        answer = self._socket.recv(64)
        if not answer:
            raise ConnectionError("the fork server has ended, or cannot fork")
        self._has_answered = True
        return int(answer)

    def _begin(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._owner, self._has_answered = os.getpid(), False
        with theirs:
            self._process = subprocess.Popen(
                program.command(MODE, " " * ROOM),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                env=program.environment(),
                cwd="/",
            )

    def close(self) -> None:
        with self._turn:
            self._drop()

    def _drop(self) -> None:
        """Its supervisors go on."""
        if self._socket is not None:
            self._socket.close()
        if self._process is not None and self._owner == os.getpid():
            with contextlib.suppress(OSError):
                self._process.kill()
            self._process.wait()
        self._process = self._socket = None
