"""What a connection must begin with: gRPC on the server's port, a request of this machine's own page on the UI's."""

from __future__ import annotations

from domain.core import local_http
from workers.engine.door.relay import Refused

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""Of every HTTP/2 connection (RFC 9113, 3.4). A browser sends it over TLS only."""
CODE = "SLW080"
FRAMES = b"x-frame-options: DENY\r\ncontent-security-policy: frame-ancestors 'none'\r\n"


class Grpc:
    """gRPC only."""

    def opening(self, data: bytes) -> bytes | None:
        if not PREFACE.startswith(data[: len(PREFACE)]):
            raise Refused("no HTTP/2", _answer("400 Bad Request", "this port speaks gRPC only"))
        return data if len(data) >= len(PREFACE) else None

    def answer(self, data: bytes) -> bytes:
        return data


class Page:
    """Requests that this machine's own pages send, one for each connection."""

    def __init__(self, port: int, inner_port: int) -> None:
        self._port, self._inner = port, inner_port

    def opening(self, data: bytes) -> bytes | None:
        if local_http.END not in data:
            if len(data) > local_http.MAX_HEAD_BYTES:
                raise Refused("too long", _answer("431 Request Header Fields Too Large", "the head is too long"))
            return None
        try:
            head = local_http.head_of(data)
        except local_http.MalformedHeadError as broken:
            raise Refused(str(broken), _answer("400 Bad Request", "the request is not HTTP/1.1")) from broken
        if why := local_http.refusal(head, self._port):
            raise Refused(why, _answer("403 Forbidden", f"{CODE}: {why}"))
        body = data.partition(local_http.END)[2]
        return local_http.forwarded(head, {"host": f"127.0.0.1:{self._inner}"}) + body

    def answer(self, data: bytes) -> bytes:
        line, end, rest = data.partition(b"\r\n")
        return line + end + FRAMES + rest if end else data


def _answer(status: str, words: str) -> bytes:
    body = f"{words}\n".encode("utf-8", "replace")
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + body
