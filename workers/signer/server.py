"""The signer's socket: who may speak is asked of the kernel, one thread answers each connection."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from activities.authority import sockets
from activities.authority.wire import MAX_LINE_BYTES, Answer
from domain.core.errors import RefusedError

MAX_REFUSED_BYTES = 1 << 16
_log = logging.getLogger("sluiceway.signer")


class SignerServer:
    """Listens in the home. Only the user that the signer runs as is answered, whatever the socket's mode."""

    def __init__(self, path: Path, answer: Callable[[bytes], bytes], uid: int | None = None) -> None:
        """`uid`: the user who may speak; None: the signer's own."""
        self._path, self._answer, self._uid = path, answer, os.geteuid() if uid is None else uid
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def start(self) -> None:
        """Binds the socket, readable by its owner alone, and answers in threads."""
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with sockets.address(self._path) as address:
                self._socket.bind(address)
        finally:
            os.umask(before)
        self._socket.listen(128)
        threading.Thread(target=self._accept, name="signer", daemon=True).start()

    def stop(self) -> None:
        """Takes no more questions."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as lines:
            pid, uid = sockets.peer(connection)
            if uid != self._uid:
                _log.warning("process %d of user %d was refused", pid, uid)
                lines.readline(MAX_REFUSED_BYTES)  # else the answer would be lost with the unread question
                connection.sendall(Answer(refused=stranger(uid)).line())
                return
            while line := lines.readline(MAX_LINE_BYTES):
                connection.sendall(self._answer(line))


def stranger(uid: int) -> RefusedError:
    """The refusal of another user's process."""
    return RefusedError("SLW019", f"user {uid} may not speak to this signer")
