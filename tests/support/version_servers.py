"""Servers that answer with the name of a version, and end at once when they are killed."""

from __future__ import annotations

import contextlib
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class VersionServer:
    """HTTP/1.1 with keep-alive on a free port of an address. Killed, it resets what it has open."""

    def __init__(self, name: str, address: str) -> None:
        self.status, self.name, self._open = 200, name, set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                outer._open.add(self.connection)

            def do_GET(self):
                body = outer.name.encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_): ...

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.address, self.port = self._server.server_address[:2]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def kill(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
