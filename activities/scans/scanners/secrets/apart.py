"""Which compressed streams of an archive its reader unpacks as members, so that they need not be unpacked once more."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import BinaryIO

from activities.scans.view.archives import MAX_DIRECTORY, MAX_MEMBERS

_HEADER = struct.Struct("<4s4xH16xHH")
"""Of an entry of a zip: its mark, its method, the lengths of its name and of its further fields."""
_STEP = 1 << 20


def apart(file: BinaryIO, format_: str) -> frozenset[int]:
    """Where they begin. Nothing that a reader could understand in another way than ours is among them."""
    if format_ in ("gzip", "bzip2", "xz"):
        return frozenset({0})
    if format_ != "zip":
        return frozenset()
    try:
        return _entries(file)
    except (zipfile.BadZipFile, OSError, EOFError, struct.error, NotImplementedError, ValueError, RuntimeError):
        return frozenset()  # then all is unpacked, and its reader says what is wrong


def _entries(file: BinaryIO) -> frozenset[int]:
    record = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # what ZipFile goes by itself
    if not record or record[5] > MAX_DIRECTORY:
        return frozenset()
    with zipfile.ZipFile(file) as opened:
        infos = opened.infolist()[:MAX_MEMBERS]
        return frozenset(one.header_offset for one in infos if _is_whole(file, one))


def _is_whole(file: BinaryIO, info: zipfile.ZipInfo) -> bool:
    """Its own header says the same as the directory, and its stream ends where and with what the directory says."""
    file.seek(info.header_offset)
    mark, method, name, further = _HEADER.unpack(file.read(_HEADER.size))
    if mark != b"PK\x03\x04" or method != info.compress_type or method != zipfile.ZIP_DEFLATED or info.flag_bits & 1:
        return False
    file.seek(name + further, 1)
    unpacking, left, made = zlib.decompressobj(-zlib.MAX_WBITS), info.compress_size, 0
    try:
        while not unpacking.eof and made <= info.file_size:
            data = unpacking.unconsumed_tail or file.read(min(_STEP, left))
            left -= 0 if unpacking.unconsumed_tail else len(data)
            if not data:
                return False
            made += len(unpacking.decompress(data, _STEP))
    except zlib.error:
        return False
    return not left and not unpacking.unused_data and made == info.file_size
