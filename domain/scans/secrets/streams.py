"""Compressed streams within other data: in PDF and PNG, and entries of a zip archive that its directory does not name.

A stream is found by how it begins, and is unpacked within bounds: what begins like one and is none ends at once.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Protocol

from domain.scans.secrets.bounds import READ, SILENT, STREAMS, TRIED, UNPACKED, Bound, Reached

_BEGINS = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\x00", re.S)
_HEADER = 30
_STEP = 512
"""Bytes that are unpacked at once: a break in them is found byte by byte."""
_LEAST = 16
_NAME_SIZE, _DEFLATED = 26, 8
_MEMORY_BYTES = 100_000_000
"""Of what unpacks xz."""


class _Unpacking(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, most: int, /) -> bytes: ...


_New = Callable[[], _Unpacking]


@dataclass(frozen=True)
class _Read:
    made: bytes
    read: int
    broken: bool = False
    ended: bool = False
    silent: bool = False


@dataclass(frozen=True)
class Stream:
    """What a stream unpacks to."""

    at: int
    made: bytes
    ended: bool
    """It was read to its end; else it is broken, or the data ends before it does."""


def streams(
    data: bytes, reached: Reached, apart: Container[int] = (), most: Bound = UNPACKED, times: int = READ.most
) -> Iterator[Stream]:
    """Each stream in the data, as far as the bounds allow: which of them ended the search is said. Accepts any bytes.

    `apart`: where streams begin that are looked at in another way. `times`: how often all of the data may be read.
    """
    left, found, unread = most.most, 0, times * len(data) + _STEP
    view = memoryview(data)
    for tried, match in enumerate(_BEGINS.finditer(data)):
        over = ((most, left <= 0), (READ, unread <= 0), (STREAMS, found >= STREAMS.most), (TRIED, tried >= TRIED.most))
        if spent := next((bound for bound, is_over in over if is_over), None):
            reached.say(spent)
            return
        start, new = _start(data, match.start())
        if new is None or match.start() in apart:
            continue
        one = _unpacked(view[start : start + unread], left, new)
        unread -= one.read
        if one.silent:
            reached.say(SILENT)
        if len(one.made) >= _LEAST:
            left -= len(one.made)
            found += 1
            yield Stream(match.start(), one.made, one.ended or one.broken)
    if left <= 0:
        reached.say(most)


def _start(data: bytes, at: int) -> tuple[int, _New | None]:
    """Where the compressed bytes begin, and what unpacks them; None: it is no stream."""
    match data[at]:
        case 0x78:
            return at, lambda: zlib.decompressobj(zlib.MAX_WBITS)
        case 0x1F:
            return at, lambda: zlib.decompressobj(zlib.MAX_WBITS | 16)
        case 0x42:
            return at, bz2.BZ2Decompressor
        case 0xFD:
            return at, lambda: lzma.LZMADecompressor(memlimit=_MEMORY_BYTES)
    name, extra = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (_NAME_SIZE, _NAME_SIZE + 2))
    deflated = int.from_bytes(data[at + 8 : at + 10], "little") == _DEFLATED
    return at + _HEADER + name + extra, (lambda: zlib.decompressobj(-zlib.MAX_WBITS)) if deflated else None


def _unpacked(data: memoryview, most: int, new: _New) -> _Read:
    """Of a broken one what comes before the break, which is found byte by byte."""
    one = _by_pieces(data, most, new(), 0, _STEP)
    if not one.broken:
        return one
    unpacking, start = new(), one.read
    made = unpacking.decompress(bytes(data[:start]), most)
    exact = _by_pieces(data[: start + _STEP], most - len(made), unpacking, start, 1)
    return _Read(made + exact.made, exact.read, broken=True)


def _by_pieces(data: memoryview, most: int, unpacking: _Unpacking, start: int, step: int) -> _Read:
    """`read` of a broken one: up to the piece that breaks it."""
    made = bytearray()
    for at in range(start, len(data), step):
        try:
            made += unpacking.decompress(bytes(data[at : at + step]), most - len(made))
        except (zlib.error, OSError, EOFError, lzma.LZMAError):
            return _Read(bytes(made), at, broken=True)
        if unpacking.eof or len(made) >= most:
            return _Read(bytes(made), at + step - len(unpacking.unused_data), ended=unpacking.eof)
        if at > SILENT.most and not made:
            return _Read(b"", at + step, silent=True)
    return _Read(bytes(made), len(data))
