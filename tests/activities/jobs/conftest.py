"""A server for jobs to reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def site() -> Iterator[int]:
    """The port of a server on this machine's loopback."""
    yield from _served("127.0.0.1")


@pytest.fixture
def everywhere() -> Iterator[int]:
    """The port of a server on every address of this machine."""
    yield from _served("0.0.0.0")


def _served(address: str) -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the page")

        def log_message(self, *words: object) -> None: ...

    with ThreadingHTTPServer((address, 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
