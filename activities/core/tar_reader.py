"""Reads tar archives of strangers: one pass, bounded, with nothing of the standard library's `tarfile`.

That module is as safe as the Python that happens to run: sizes below zero, headers of gigabytes and links through links
were holes of some versions. Formats: POSIX.1-1988 (ustar), POSIX.1-2001 (pax), and GNU's long names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import SEEK_CUR, BufferedReader
from typing import Protocol

BLOCK = 512
CHUNK = 1 << 20
MAX_ENTRIES = 2_000_000
MAX_HEADER_BYTES = 1 << 20
"""Of the extended headers of one entry; Linux knows no path of more than 4 KiB."""
MAX_PATH_BYTES = 4_096
MAX_SIZE = 1 << 43
"""Of one entry; as large as the field of the header without extensions may say, and more than any disk of ours."""
_END = bytes(BLOCK)
_EXTENDED = {b"x", b"g", b"X", b"L", b"K"}


class Source(Protocol):
    """Bytes, in order."""

    def read(self, size: int = -1, /) -> bytes:
        """As many bytes as there are, up to that many; none: the end."""
        ...


class TarError(ValueError):
    """Why the bytes are no archive, or none that is read."""


class IncompleteError(TarError, OSError):
    """The archive ends too early."""


class Kind(StrEnum):
    """What an entry becomes."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    HARD_LINK = "hard link"
    OTHER = "other"
    """Devices, pipes, files with holes, and what we do not know: never unpacked."""


_KINDS = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,
    b"1": Kind.HARD_LINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.FOLDER,
}


@dataclass
class Member:
    """One entry. Its content is read before the next one is asked for."""

    name: str
    kind: Kind
    size: int
    mode: int
    mtime: str
    """Seconds since the epoch, a decimal number."""
    link: str
    _source: Source
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.size

    def chunks(self) -> Iterator[bytes]:
        """The content.

        Raises:
            IncompleteError: the archive ends within it.
        """
        while self._left:
            data = self._source.read(min(self._left, CHUNK))
            if not data:
                raise IncompleteError(f"the archive ends within {self.name[:200]!r}")
            self._left -= len(data)
            yield data

    def finish(self) -> None:
        """Passes over what was not read, and what fills the last block."""
        if isinstance(self._source, BufferedReader):
            self._source.seek(self._left, SEEK_CUR)
            self._left = 0
        for _ in self.chunks():
            pass
        _exactly(self._source, -self.size % BLOCK)


def members(source: Source) -> Iterator[Member]:
    """The entries of an archive, in order.

    Raises:
        TarError: it is damaged, beyond a limit, or ends too early.
        OSError: it cannot be read.
    """
    always: dict[str, str] = {}
    for _ in range(MAX_ENTRIES):
        found = _next(source, always)
        if found is None:
            return
        yield found
        found.finish()
    raise TarError(f"it has more than {MAX_ENTRIES:,} entries")


def _next(source: Source, always: dict[str, str]) -> Member | None:
    """The next entry with its extended headers; None at the end."""
    own: dict[str, str] = {}
    spent = 0
    while True:
        block = _block(source)
        if block is None:
            return None
        kind, size = block[156:157], _number(block[124:136])
        if kind not in _EXTENDED:
            return _member(source, block, {**always, **own})
        spent += size + BLOCK
        if size < 0 or spent > MAX_HEADER_BYTES:
            raise TarError(f"its extended headers have more than {MAX_HEADER_BYTES:,} bytes")
        data = _exactly(source, size)
        _exactly(source, -size % BLOCK)
        if kind in (b"L", b"K"):
            own["path" if kind == b"L" else "linkpath"] = _text(data.rstrip(b"\0"))
        else:
            (always if kind == b"g" else own).update(_records(data))


def _block(source: Source) -> bytes | None:
    """The next header that is not empty; None at the end, which is two empty blocks or no more bytes."""
    for _ in range(2):
        block = _some(source, BLOCK)
        if not block:
            return None
        if len(block) < BLOCK:
            raise IncompleteError("the archive ends within a header")
        if block != _END:
            signed = sum(block) - sum(block[148:156]) + 8 * 32
            if _number(block[148:156]) != signed:
                raise TarError("a header's check sum is wrong")
            return block
    return None


def _member(source: Source, block: bytes, extended: dict[str, str]) -> Member:
    kind = _KINDS.get(block[156:157], Kind.OTHER)
    name = _text(block[:100].partition(b"\0")[0])
    if block[257:262] == b"ustar" and block[257:265] != b"ustar  \0":
        prefix = _text(block[345:500].partition(b"\0")[0])
        name = f"{prefix}/{name}" if prefix else name
    name = extended.get("path", name)
    link = extended.get("linkpath", _text(block[157:257].partition(b"\0")[0]))
    size = _whole(extended["size"]) if "size" in extended else _number(block[124:136])
    if any(key.startswith("GNU.sparse.") for key in extended):
        kind = Kind.OTHER
    if not 0 <= size <= MAX_SIZE:
        raise TarError(f"{name[:200]!r} has an impossible size")
    if max(len(name.encode("utf-8", "surrogateescape")), len(link.encode("utf-8", "surrogateescape"))) > MAX_PATH_BYTES:
        raise TarError(f"a name has more than {MAX_PATH_BYTES:,} bytes")
    if kind is Kind.FILE and name.endswith("/") and block[156:157] != b"7":
        kind = Kind.FOLDER  # so said archives from before 1988
    if kind in (Kind.FOLDER, Kind.SYMLINK, Kind.HARD_LINK):
        size = 0 if block[156:157] != b"0" else size
    mtime = extended.get("mtime", str(_number(block[136:148])))
    return Member(name, kind, size, _number(block[100:108]) & 0o7777, mtime, link, source)


def _records(data: bytes) -> dict[str, str]:
    """`30 mtime=1350244992.023960108\\n`, where the number is the length of all of it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 12)
        digits = data[at:space] if space > 0 else b""
        length = int(digits) if digits.isdigit() else 0
        record = data[space + 1 : at + length]
        if length <= len(digits) + 1 or at + length > len(data) or not record.endswith(b"\n") or b"=" not in record:
            if not data[at:].strip(b"\0"):
                break
            raise TarError("an extended header is damaged")
        key, _, value = record[:-1].partition(b"=")
        found[_text(key)] = _text(value)
        at += length
    return found


def _number(field_: bytes) -> int:
    """Octal digits, or GNU's base 256, which may be negative."""
    if field_[0] & 0x80:
        return int.from_bytes(bytes([field_[0] & 0x7F, *field_[1:]])) if field_[0] == 0x80 else -1
    digits = field_.partition(b"\0")[0].strip()
    if not digits:
        return 0
    if not all(0x30 <= one <= 0x37 for one in digits):
        raise TarError("a number of a header is damaged")
    return int(digits, 8)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise TarError("a size is no whole number")
    return int(text)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _some(source: Source, size: int) -> bytes:
    """That many bytes, or fewer at the end."""
    parts = []
    while size and (data := source.read(size)):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def _exactly(source: Source, size: int) -> bytes:
    data = _some(source, size)
    if len(data) < size:
        raise IncompleteError("the archive ends too early")
    return data
