"""HTTP/1.1 of uvicorn with the limits that it lacks: how large and how slow the head of a request may be, and how slow
its body.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 32 * 1024
"""Of the request line and all headers together."""
HEAD_S = 10.0
"""From a connection's first byte, or its opening, to the end of the head."""
BODY_S = 60.0
"""From the end of the head to that of the body: one of a megabyte, over a slow line."""
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """Ends connections whose head is too large, or whose head or body does not come."""

    _head_bytes = 0
    _in_head = True
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Waits for a head from now on."""
        super().connection_made(transport)
        self._expect(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to a head before the parser keeps it."""
        if self._in_head:
            self._head_bytes += len(data)
            if self._late is None:
                self._expect(HEAD_S)
        super().data_received(data)
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_REFUSAL)
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """From here on the connection is another protocol's, which has its own times."""
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def on_headers_complete(self) -> None:
        """The head is here; what follows is the body, whose size the application bounds."""
        self._in_head = False
        self._expect(BODY_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What follows is another head."""
        super().on_message_complete()
        self._stop_waiting()
        self._in_head, self._head_bytes = True, 0

    def _expect(self, seconds: float) -> None:
        self._stop_waiting()
        self._late = self.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
