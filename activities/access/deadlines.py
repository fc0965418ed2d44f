"""When a request over HTTP has ended at the latest, whatever its server does: a client's timeouts are for one read."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Around one request on a connection of its own, which has `watch` as its extensions."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.over = False
        """Whether the time was up before the request had ended."""

    @property
    def watch(self) -> dict[str, Any]:  # Any: as the client types its extensions
        """Tells the client to say which sockets it opens."""
        return {"trace": self._opened}

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _opened(self, event: str, told: dict[str, Any]) -> None:
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        opened = told["return_value"].get_extra_info("socket")
        with self._lock:
            self._sockets.append(opened)
            if self.over:
                _shut(opened)

    def _end(self) -> None:
        with self._lock:
            self.over = True
            for opened in self._sockets:
                _shut(opened)


def _shut(opened: socket.socket) -> None:
    """Wakes whoever reads from it. Not TLS's own shutdown: that one belongs to the thread that reads."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)
