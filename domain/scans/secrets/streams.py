"""Compressed streams within other data: in PDF and PNG, and entries of a zip archive that its directory does not name.

A stream is found by how it begins, and is unpacked within bounds: what begins like one and is none ends at once.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

MAX_BYTES = 16_000_000
"""Unpacked, of all streams in one text."""
MAX_STREAMS = 5_000
MAX_TRIED = 50_000
MAX_READ = 8
"""Times that the text may be read for all of them."""
_BEGINS = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04", re.S)
_HEADER = 30
_HOPELESS = 65_536
"""Bytes of a stream that has given nothing."""
_STEP = 512
"""Bytes that are unpacked at once: a break in them is found byte by byte."""
_LEAST = 16
_STORED_NAME, _DEFLATED = 26, 8


def streams(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Where each stream begins, and what it unpacks to, as far as the bounds allow. Accepts any bytes."""
    left, found, unread = MAX_BYTES, 0, MAX_READ * len(data)
    view = memoryview(data)
    for tried, match in enumerate(_BEGINS.finditer(data)):
        if left <= 0 or unread <= 0 or found >= MAX_STREAMS or tried >= MAX_TRIED:
            return
        start, bits = _start(data, match.start())
        made, read = _unpacked(view[start : start + unread], left, bits) if bits else (b"", 0)
        unread -= read
        if len(made) >= _LEAST:
            left -= len(made)
            found += 1
            yield match.start(), made


def _start(data: bytes, at: int) -> tuple[int, int]:
    """Where the compressed bytes begin, and zlib's number for their form; 0: it is none."""
    if data[at] == 0x78:
        return at, zlib.MAX_WBITS
    if data[at] == 0x1F:
        return at, zlib.MAX_WBITS | 16
    name, extra = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (_STORED_NAME, _STORED_NAME + 2))
    deflated = int.from_bytes(data[at + 8 : at + 10], "little") == _DEFLATED
    return at + _HEADER + name + extra, -zlib.MAX_WBITS if deflated else 0


def inflated(data: bytes | memoryview, most: int, bits: int) -> bytes:
    """What a stream unpacks to, at most so many bytes of it; of a broken one what comes before the break."""
    return _unpacked(data, most, bits)[0]


def _unpacked(data: bytes | memoryview, most: int, bits: int) -> tuple[bytes, int]:
    """The bytes, and how many were read for them."""
    made, read, broken = _by_pieces(data, most, bits, _STEP)
    return (_by_pieces(data[:read], most, bits, 1)[0] if broken else made), read


def _by_pieces(data: bytes | memoryview, most: int, bits: int, step: int) -> tuple[bytes, int, bool]:
    """The bytes, how many were read, and whether it breaks in the last piece."""
    unpacking, made = zlib.decompressobj(bits), bytearray()
    for at in range(0, len(data), step):
        try:
            made += unpacking.decompress(data[at : at + step], most - len(made))
        except zlib.error:
            return bytes(made), at + step, True
        if unpacking.eof or len(made) >= most or (at > _HOPELESS and not made):
            return bytes(made), at + step, False
    return bytes(made), len(data), False
