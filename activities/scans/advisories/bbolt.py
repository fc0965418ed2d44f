"""Writes a complete bbolt file, the format of trivy's database (github.com/etcd-io/bbolt: page.go, bucket.go).

Pages 0 and 1 are meta pages, 2 is an empty freelist; then the B+ trees of the buckets, leaves first.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, Union

from activities.core.files import FOR_ALL, replacing

PAGE_BYTES = 4096
MAGIC, VERSION = 0xED0CDAED, 2
_BRANCH, _LEAF, _META, _FREELIST = 0x01, 0x02, 0x04, 0x10
_IN_BUCKET = 0x01
_PAGE = struct.Struct("<QHHI")
"""Id, flags, number of elements, number of overflow pages."""
_LEAF_ELEMENT = struct.Struct("<IIII")
"""Flags, key offset, key length, value length."""
_BRANCH_ELEMENT = struct.Struct("<IIQ")
"""Key offset, key length, page."""
_BUCKET = struct.Struct("<QQ")
"""Root page (0: the bucket is inline), and an unused sequence."""
MAX_INLINE_BYTES = PAGE_BYTES // 4

Tree = Mapping[str, Union[bytes, "Tree"]]
"""Key to a value or a nested bucket."""
T = TypeVar("T")
Leaf = tuple[int, bytes, bytes]
"""Flags, key, value."""
Branch = tuple[bytes, int]
"""First key, page."""


def write(path: Path, tree: Tree) -> None:
    """Replaces the file once it is complete."""
    pages = _Pages()
    root = pages.bucket(tree)
    with replacing(path, FOR_ALL) as new, new.open("wb") as out:
        for number in (0, 1):
            out.write(_meta(number, root, pages.next))
        out.write(_PAGE.pack(2, _FREELIST, 0, 0).ljust(PAGE_BYTES, b"\0"))
        for page in pages.made:
            out.write(page)


class _Pages:
    def __init__(self) -> None:
        self.made: list[bytes] = []
        self.next = 3

    def bucket(self, tree: Tree) -> int:
        """The root page of a bucket's tree."""
        leaves = [self._leaf(key, value) for key, value in sorted(_keys(tree).items())]
        level: list[Branch] = [
            (group[0][1] if group else b"", self._page(_LEAF, len(group), _leaves(group)))
            for group in _fitting(leaves, lambda leaf: _LEAF_ELEMENT.size + len(leaf[1]) + len(leaf[2]))
        ]
        while len(level) > 1:
            level = [
                (group[0][0], self._page(_BRANCH, len(group), _branches(group)))
                for group in _fitting(level, lambda branch: _BRANCH_ELEMENT.size + len(branch[0]))
            ]
        return level[0][1]

    def _leaf(self, key: bytes, value: bytes | Tree) -> Leaf:
        if isinstance(value, bytes):
            return 0, key, value
        if all(isinstance(one, bytes) for one in value.values()):
            small = [self._leaf(name, one) for name, one in sorted(_keys(value).items())]
            body = _leaves(small)
            if _PAGE.size + len(body) <= MAX_INLINE_BYTES:
                return _IN_BUCKET, key, _BUCKET.pack(0, 0) + _PAGE.pack(0, _LEAF, len(small), 0) + body
        return _IN_BUCKET, key, _BUCKET.pack(self.bucket(value), 0)

    def _page(self, flags: int, count: int, body: bytes) -> int:
        number = self.next
        pages = max(1, -(-(_PAGE.size + len(body)) // PAGE_BYTES))
        self.made.append((_PAGE.pack(number, flags, count, pages - 1) + body).ljust(pages * PAGE_BYTES, b"\0"))
        self.next += pages
        return number


def _keys(tree: Tree) -> dict[bytes, bytes | Tree]:
    return {key.encode("utf-8", "surrogatepass"): value for key, value in tree.items()}


def _fitting(items: Sequence[T], size: Callable[[T], int]) -> list[list[T]]:
    """Groups that fill a page each; a single item may exceed a page."""
    groups: list[list[T]] = [[]]
    used = _PAGE.size
    for item in items:
        wanted = size(item)
        if groups[-1] and (used + wanted > PAGE_BYTES or len(groups[-1]) == 0xFFFF):
            groups.append([])
            used = _PAGE.size
        groups[-1].append(item)
        used += wanted
    return groups


def _leaves(leaves: Sequence[Leaf]) -> bytes:
    heads, data, at = [], [], _LEAF_ELEMENT.size * len(leaves)
    for index, (flags, key, value) in enumerate(leaves):
        heads.append(_LEAF_ELEMENT.pack(flags, at - _LEAF_ELEMENT.size * index, len(key), len(value)))
        data += [key, value]
        at += len(key) + len(value)
    return b"".join([*heads, *data])


def _branches(branches: Sequence[Branch]) -> bytes:
    heads, data, at = [], [], _BRANCH_ELEMENT.size * len(branches)
    for index, (key, page) in enumerate(branches):
        heads.append(_BRANCH_ELEMENT.pack(at - _BRANCH_ELEMENT.size * index, len(key), page))
        data.append(key)
        at += len(key)
    return b"".join([*heads, *data])


def _meta(number: int, root: int, high: int) -> bytes:
    body = struct.pack("<IIIIQQQQQ", MAGIC, VERSION, PAGE_BYTES, 0, root, 0, 2, high, number)
    body += struct.pack("<Q", _fnv1a(body))
    return (_PAGE.pack(number, _META, 0, 0) + body).ljust(PAGE_BYTES, b"\0")


def _fnv1a(data: bytes) -> int:
    """The checksum of a meta page: FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value
