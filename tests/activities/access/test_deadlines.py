"""A provider that answers a byte at a time, for ever."""

from __future__ import annotations

import socket
import threading

import pytest

from activities.access import provider_client
from activities.access.provider_client import ProviderError, asked, new_client

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
WHOLE = HEAD + b"content-length: 2\r\n\r\n{}"


class Dripping:
    """Sends its beginning, then the same bytes again and again until nobody reads."""

    def __init__(self, beginning: bytes, again: bytes) -> None:
        self._beginning, self._again = beginning, again
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/"
        self.let_go = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        link, _ = self._server.accept()
        with link, self._server:
            try:
                link.recv(65_536)
                link.sendall(self._beginning)
                while self._again and not self.let_go.wait(0.02):
                    link.sendall(self._again)
            except OSError:
                self.let_go.set()


@pytest.fixture(autouse=True)
def http_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_client, "endpoint_complaint", lambda url: "")


@pytest.mark.parametrize(("beginning", "again"), [(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"), (HEAD + b"\r\n{", b" ")])
def test_neither_its_head_nor_its_body_keeps_anybody_waiting(beginning: bytes, again: bytes):
    provider = Dripping(beginning, again)
    with pytest.raises(ProviderError, match="no answer within"):
        asked(new_client(), "GET", provider.url, within_s=0.3)
    assert provider.let_go.wait(10)


def test_one_that_answers_in_time_is_read():
    assert asked(new_client(), "GET", Dripping(WHOLE, b"").url) == {}
