"""A Merkle tree over the entries of a log: hashes and proofs of RFC 6962 (2.1), checks of RFC 9162 (2.1.3, 2.1.4).

What is stored is the hash of each complete subtree, at (level, position): it covers the leaves from
`position << level` on, `1 << level` of them. An append writes two of them on average; a root or a proof reads at
most two for each level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

NodeAt = Callable[[int, int], bytes]
"""The stored hash of a complete subtree, by level and position; level 0: of a leaf."""
EMPTY = hashlib.sha256(b"").digest()
"""The root of a log without entries."""
HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    """Of an entry's bytes."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def completed(at: NodeAt, seq: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """The complete subtrees that the leaf hash with this number ends: level, position, hash; the leaf first."""
    found = [(0, seq, leaf)]
    level, position, newest = 0, seq, leaf
    while position & 1:
        newest = node_hash(at(level, position - 1), newest)
        level, position = level + 1, position >> 1
        found.append((level, position, newest))
    return found


def root(at: NodeAt, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _range(at, 0, size) if size else EMPTY


def inclusion(at: NodeAt, seq: int, size: int) -> list[bytes]:
    """The hashes beside the way from a leaf to the root of the first `size` leaves, the leaf's sibling first.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= seq < size:
        raise ValueError(f"there is no entry {seq} among {size}")
    return _path(at, seq, 0, size)


def consistency(at: NodeAt, old: int, size: int) -> list[bytes]:
    """What shows that the first `old` leaves of `size` are those of the older root.

    Raises:
        ValueError: the old size is the larger one.
    """
    if not 0 <= old <= size:
        raise ValueError(f"{old} is no earlier size of {size}")
    return [] if old in (0, size) else _subproof(at, old, 0, size, known=True)


def includes(leaf: bytes, seq: int, size: int, proof: Sequence[bytes], wanted: bytes) -> bool:
    """Whether a leaf hash has this number in the tree of a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= seq < size:
        return False
    position, last, found = seq, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(one, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, one)
        position, last = position >> 1, last >> 1
    return last == 0 and found == wanted


def extends(old: int, old_root: bytes, size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `size` begins with all leaves of the older tree (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == size or old == 0:
        return not proof and (old_root == new_root if old else old_root == EMPTY)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    position, last = old - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    older = newer = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            older, newer = node_hash(one, older), node_hash(one, newer)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            newer = node_hash(newer, one)
        position, last = position >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


@dataclass
class Growing:
    """A tree that is built leaf by leaf, with the complete subtrees of its right edge alone: for a check of a log."""

    size: int = 0
    edge: list[tuple[int, bytes]] = field(default_factory=list)
    """Level and hash, the largest first."""

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Takes a leaf hash; the complete subtrees above it that it ends, as `completed` has them."""
        level, newest = 0, leaf
        while self.edge and self.edge[-1][0] == level:
            newest = node_hash(self.edge.pop()[1], newest)
            level += 1
            yield level, self.size >> level, newest
        self.edge.append((level, newest))
        self.size += 1

    def root(self) -> bytes:
        """Of the leaves so far."""
        if not self.edge:
            return EMPTY
        found = self.edge[-1][1]
        for _, one in reversed(self.edge[:-1]):
            found = node_hash(one, found)
        return found


def _split(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


def _range(at: NodeAt, start: int, end: int) -> bytes:
    """The root of the leaves from `start` to `end`, where `start` is aligned to the tree."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return at(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range(at, start, middle), _range(at, middle, end))


def _path(at: NodeAt, seq: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if seq < middle:
        return [*_path(at, seq, start, middle), _range(at, middle, end)]
    return [*_path(at, seq, middle, end), _range(at, start, middle)]


def _subproof(at: NodeAt, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
    """`known`: the verifier has the root of this subtree, because it is the older tree itself."""
    if old == end:
        return [] if known else [_range(at, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(at, old, start, middle, known=known), _range(at, middle, end)]
    return [*_subproof(at, old, middle, end, known=False), _range(at, start, middle)]
