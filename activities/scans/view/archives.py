"""Files within archives, read as streams within bounds: nothing is written, no name of a member is used as a path."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from activities.core import tar_reader
from activities.core.tar_reader import Kind
from domain.scans.files.kinds import archive_format

MAX_DEPTH = 3
"""Archives within archives."""
MAX_MEMBERS = 50_000
"""Of all archives of one scan."""
MAX_BYTES = 300_000_000
"""Read from all archives of one scan, after unpacking."""
MAX_MEMBER = 32_000_000
"""Bytes of one member that is read."""
MAX_DIRECTORY = 16_000_000
"""Bytes of a zip archive's directory, which is read as a whole."""
_DIRECTORY_BYTES = 5
_COMPRESSED: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
    "gzip": lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file)),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "lzma": lzma.LZMAFile,
}
_BROKEN = (
    *(zipfile.BadZipFile, OSError, EOFError, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError, MemoryError, IndexError, KeyError, TypeError),
)
"""What the readers of hostile archives raise."""


@dataclass
class Budget:
    """What may still be read in one scan."""

    members: int = MAX_MEMBERS
    bytes: int = MAX_BYTES
    also_packed: bool = False
    """Archives in archives are members too, before what is in them; and so is what stands behind the end of a tar."""


@dataclass(frozen=True)
class Member:
    """A file in an archive, or the reason why it was not read."""

    name: str
    """Names of nested archives are joined by `!`. Empty: the archive itself."""
    data: bytes = b""
    """All of it, or where there is a problem as much as shows what it is."""
    problem: str = ""
    packed: bool = False
    """It is an archive, and its members follow."""


class _Spent(Exception):  # noqa: N818  (an outcome)
    """A bound is reached; the text says which."""


class _Bounded(io.RawIOBase):
    """A stream whose unpacked bytes count against the budget, whoever reads or skips them."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        super().__init__()
        self._stream, self._budget = stream, budget

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(1 << 20 if size < 0 else min(size, 1 << 20))
        self._budget.bytes -= len(data)
        if self._budget.bytes < 0:
            raise _Spent(f"more than {MAX_BYTES:,} bytes in archives")
        return data

    def readable(self) -> bool:
        return True


def members(path: Path, format_: str, budget: Budget) -> Iterator[Member]:
    """The files of an archive, those of archives in it included. Never raises: what cannot be read is named."""
    try:
        with path.open("rb") as file:
            yield from _members(file, format_, path.name, budget, 1, "")
    except OSError as unreadable:
        yield Member("", problem=f"it cannot be read ({unreadable.strerror})")


def _members(file: IO[bytes], format_: str, name: str, budget: Budget, depth: int, inside: str) -> Iterator[Member]:
    try:
        for member in _listed(file, format_, name, budget):
            full = f"{inside}!{member.name}" if inside else member.name
            yield from _deeper(Member(full, member.data, member.problem), budget, depth)
    except _Spent as spent:
        yield Member(inside, problem=f"the bounds for archives are reached: {spent}")
    except _BROKEN as broken:
        yield Member(inside, problem=f"the archive cannot be read to its end ({type(broken).__name__})")


def _deeper(member: Member, budget: Budget, depth: int) -> Iterator[Member]:
    format_ = "" if member.problem else archive_format(member.data[:8_192], member.data[-65_557:])
    if not format_:
        yield member
    elif depth >= MAX_DEPTH:
        yield Member(member.name, problem=f"an archive deeper than {MAX_DEPTH} levels")
    else:
        if budget.also_packed:
            yield Member(member.name, member.data, packed=True)
        yield from _members(io.BytesIO(member.data), format_, member.name, budget, depth + 1, member.name)


def _listed(file: IO[bytes], format_: str, name: str, budget: Budget) -> Iterator[Member]:
    if format_ == "zip":
        yield from _zipped(file, budget)
    elif format_ == "tar":
        yield from _tarred(_Bounded(file, budget), budget)  # whoever wants what is behind its end reads the file
    elif format_ in _COMPRESSED:
        yield from _compressed(file, format_, name, budget)
    else:
        yield Member("", problem=f"an archive of the format {format_}, which is not opened here")


def _zipped(file: IO[bytes], budget: Budget) -> Iterator[Member]:
    record = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # what ZipFile goes by itself
    if record and record[_DIRECTORY_BYTES] > MAX_DIRECTORY:
        raise zipfile.BadZipFile("its directory is too big")
    with zipfile.ZipFile(file) as opened:
        for info in opened.infolist():
            if info.is_dir():
                continue
            _count(budget)
            if info.flag_bits & 1:
                yield Member(info.filename, problem="it is encrypted")
                continue
            with opened.open(info) as stream:
                yield _member(info.filename, stream, budget)


def _tarred(stream: io.RawIOBase, budget: Budget) -> Iterator[Member]:
    """As a stream: nothing of it is kept, and its links are no files."""
    for entry in tar_reader.members(_Whole(stream)):
        _count(budget)
        if entry.kind is Kind.FILE:
            yield _member(entry.name, _Content(entry.chunks()), None)
        elif entry.kind is Kind.OTHER and entry.size:
            yield Member(entry.name, problem="a file with holes or of an unknown kind")


class _Whole:
    """Reads as much as is asked for, up to the end."""

    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        found = bytearray()
        while len(found) < size and (more := self._stream.read(size - len(found))):
            found += more
        return bytes(found)


class _Content(io.RawIOBase):
    """The content of an entry, a chunk at each read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks

    def read(self, size: int = -1) -> bytes:
        return next(self._chunks, b"")


def _compressed(file: IO[bytes], format_: str, name: str, budget: Budget) -> Iterator[Member]:
    """One file, or a tar archive."""
    with _COMPRESSED[format_](file) as unpacked:
        stream = _Bounded(unpacked, budget)
        head = b""
        while len(head) < 8_192 and (more := stream.read(8_192 - len(head))):
            head += more
        joined = _Joined(head, stream)
        if archive_format(head, b"") == "tar":
            yield from _tarred(joined, budget)
            if budget.also_packed and (rest := _member("behind its end", joined, None)).data.strip(b"\0"):
                yield rest
        else:
            _count(budget)
            yield _member(name.rpartition("/")[2].rpartition("!")[2].rpartition(".")[0] or name, joined, None)


class _Joined(io.RawIOBase):
    """What was read already, and the rest of its stream."""

    def __init__(self, head: bytes, rest: io.RawIOBase) -> None:
        super().__init__()
        self._head, self._rest = head, rest

    def read(self, size: int = -1) -> bytes:
        if self._head:
            size = len(self._head) if size < 0 else size
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._rest.read(size) or b""

    def readable(self) -> bool:
        return True


def _member(name: str, stream: IO[bytes] | io.RawIOBase, budget: Budget | None) -> Member:
    """`budget`: None where the stream counts by itself."""
    parts, size = [], 0
    while data := stream.read(1 << 20):
        parts.append(data)
        size += len(data)
        if budget:
            budget.bytes -= len(data)
            if budget.bytes < 0:
                raise _Spent(f"more than {MAX_BYTES:,} bytes in archives")
        if size > MAX_MEMBER:
            return Member(name, parts[0], f"it has more than {MAX_MEMBER:,} bytes")
    return Member(name, b"".join(parts))


def _count(budget: Budget) -> None:
    budget.members -= 1
    if budget.members < 0:
        raise _Spent(f"more than {MAX_MEMBERS:,} files in archives")
