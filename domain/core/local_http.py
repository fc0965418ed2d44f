"""Which HTTP requests a page on this machine answers: none that another web site may have sent.

A browser reaches loopback for any page it shows. The page gives itself away: by the name in `Host` when its name was
made to resolve to loopback (DNS rebinding), by `Origin` and `Sec-Fetch-Site` (Fetch standard) when it posts from afar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_HEAD_BYTES = 65_536
END = b"\r\n\r\n"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_READS = ("GET", "HEAD", "OPTIONS")


class MalformedHeadError(ValueError):
    """The head of a request is not one of HTTP/1.1."""


@dataclass(frozen=True)
class Head:
    """The first lines of a request. Names of headers are in lower case."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """The values of a header, in their order."""
        return [value for key, value in self.headers if key == name]


def head_of(data: bytes) -> Head:
    """Reads the head of a request up to its empty line.

    Raises:
        MalformedHeadError: it is not HTTP/1.1, folds a header, or repeats one that decides what it is.
    """
    first, *lines = data.partition(END)[0].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise MalformedHeadError(first[:80])
    headers = [_header(line) for line in lines]
    head = Head(parts[0], parts[1], headers)
    for name in ("host", "origin", "content-length", "transfer-encoding"):
        if len(head.all(name)) > 1:
            raise MalformedHeadError(f"{name} is there twice")
    return head


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip() or any(mark in line for mark in "\r\n\0"):
        raise MalformedHeadError(line[:80])
    return name.lower(), value.strip()


def refusal(head: Head, port: int) -> str:
    """Why a request to a page on this port is not for it; empty: it may be.

    A link or bookmark may open a page from anywhere. Only requests that change something, or that a script of another
    site sends, are refused.
    """
    ours = {f"{name}:{port}" for name in LOOPBACK}
    host = "".join(head.all("host")).lower()
    if host not in ours:
        return f"the host {host or 'of the request is missing and'} is not this machine's"
    origin = "".join(head.all("origin")).lower()
    if origin and origin not in {f"http://{one}" for one in ours}:
        return f"it comes from a page of {origin}"
    site, mode = "".join(head.all("sec-fetch-site")), "".join(head.all("sec-fetch-mode"))
    opened = mode == "navigate" and head.method in _READS
    if site in ("cross-site", "same-site") and not opened:
        return "it comes from a page of another site"
    return ""


def forwarded(head: Head, extra: Mapping[str, str]) -> bytes:
    """The head as it goes on: one request for each connection, so that each is looked at."""
    kept = [(name, value) for name, value in head.headers if name not in ("connection", "keep-alive", *extra)]
    lines = [f"{head.method} {head.target} HTTP/1.1", *(f"{name}: {value}" for name, value in kept)]
    lines += [f"{name}: {value}" for name, value in extra.items()]
    return "\r\n".join([*lines, "connection: close"]).encode("latin-1") + END
