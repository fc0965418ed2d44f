"""What a job asks of its proxy, read in one way only: what could be understood in two is refused.

Sources: RFC 9110 (7.6.1, 9.3.6) and RFC 9112 (3.2, 6.3, 11.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.core import local_http
from domain.core.local_http import Head, MalformedHeadError
from domain.jobs.egress import HostError, port_of

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"[!-~]+")
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_CONTROL = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LENGTH = re.compile(r"[0-9]{1,18}")
_HOP = frozenset(
    {"connection", "proxy-connection", "keep-alive", "te", "trailer", "upgrade", "proxy-authorization"}
    | {"proxy-authenticate", "host", "http2-settings"}
)
"""Of one connection only; the host is written again."""


class MalformedRequestError(ValueError):
    """The proxy does not follow it."""


@dataclass(frozen=True)
class Wanted:
    """One request of a job."""

    name: str
    """Of the host, as it was written."""
    port: int
    is_tunnel: bool
    head: bytes = b""
    """What goes to the host; of a tunnel: nothing."""
    length: int | None = 0
    """Bytes of the body that follow; None: in chunks."""


def wanted(data: bytes) -> Wanted:
    """Reads a head, up to its empty line.

    Raises:
        MalformedRequestError: it is not a request to a proxy, or can be read in two ways.
    """
    try:
        head = local_http.head_of(data)
    except MalformedHeadError as broken:
        raise MalformedRequestError(f"its head is not HTTP/1.1: {broken}") from None
    _check(head, data)
    try:
        return _tunnel(head) if head.method == "CONNECT" else _forwarded(head)
    except HostError as broken:
        raise MalformedRequestError(str(broken)) from None


def _check(head: Head, data: bytes) -> None:
    version = data.partition(b"\r\n")[0].rpartition(b" ")[2]
    if version not in (b"HTTP/1.0", b"HTTP/1.1"):
        raise MalformedRequestError("its version is not HTTP/1.1")
    if version == b"HTTP/1.0" and head.all("transfer-encoding"):
        raise MalformedRequestError("HTTP/1.0 has no chunks")
    if not _TOKEN.fullmatch(head.method) or not _TARGET.fullmatch(head.target):
        raise MalformedRequestError("its first line is malformed")
    if _CONTROL.search(data):
        raise MalformedRequestError("it has control characters")
    for name, value in head.headers:
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise MalformedRequestError(f"the header {name[:40]!r} is malformed")


def _tunnel(head: Head) -> Wanted:
    name, port = _authority(head.target, 0)
    if head.all("content-length") or head.all("transfer-encoding"):
        raise MalformedRequestError("a CONNECT has no body")
    _same_host(head, name, port, port)
    return Wanted(name, port, is_tunnel=True)


def _forwarded(head: Head) -> Wanted:
    scheme, _, rest = head.target.partition("://")
    if scheme.lower() != "http" or "#" in rest or "\\" in rest:
        raise MalformedRequestError("its target is not `http://HOST/PATH`; for https, use CONNECT")
    end = min((at for mark in "/?" if (at := rest.find(mark)) >= 0), default=len(rest))
    name, port = _authority(rest[:end], 80)
    path = rest[end:] if rest[end : end + 1] == "/" else f"/{rest[end:]}"
    _same_host(head, name, port, 80)
    length = _length(head)
    dropped = _HOP | {word.strip().lower() for value in head.all("connection") for word in value.split(",")}
    if dropped & {"content-length", "transfer-encoding"}:
        raise MalformedRequestError("its `Connection` names what says how long it is")
    kept = [f"{key}: {value}" for key, value in head.headers if key not in dropped]
    host = name if port == 80 else f"{name}:{port}"
    lines = [f"{head.method} {path} HTTP/1.1", f"host: {host}", *kept, "connection: close", "", ""]
    return Wanted(name, port, is_tunnel=False, head="\r\n".join(lines).encode("latin-1"), length=length)


def _authority(text: str, default: int) -> tuple[str, int]:
    """`HOST:PORT`; a default of 0: the port must be there."""
    if "@" in text:
        raise MalformedRequestError("its target names a user")
    if text.startswith("["):
        name, bracket, rest = text.partition("]")
        name = name + bracket if bracket else ""
    else:
        name, colon, rest = text.partition(":")
        rest = colon + rest
    if not name or (rest and not rest.startswith(":")) or (not rest and not default):
        raise MalformedRequestError("its target is not HOST:PORT")
    return name, port_of(rest[1:]) if rest else default


def _same_host(head: Head, name: str, port: int, default: int) -> None:
    """The header names what the target names: who reads the one and who reads the other go to the same place."""
    for value in head.all("host"):
        if _spelled(*_authority(value, default)) != _spelled(name, port):
            raise MalformedRequestError(f"it is for {name}:{port}, and its header `Host` says {value[:80]}")


def _spelled(name: str, port: int) -> tuple[str, int]:
    return name.lower().removesuffix("."), port


def _length(head: Head) -> int | None:
    coding, length = head.all("transfer-encoding"), head.all("content-length")
    if coding:
        if length or coding != ["chunked"]:
            raise MalformedRequestError("it says in two ways, or in an unknown one, how long it is")
        return None
    if length and not _LENGTH.fullmatch(length[0]):
        raise MalformedRequestError("its length is no number")
    return int(length[0]) if length else 0


def size_of_chunk(line: bytes) -> int:
    """The number in the first line of a chunk, without its end.

    Raises:
        MalformedRequestError: there is none, or something beside it.
    """
    if not re.fullmatch(rb"[0-9a-fA-F]{1,12}", line):
        raise MalformedRequestError("a chunk of its body has no size")
    return int(line, 16)
