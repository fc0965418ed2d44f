"""The tree of the audit, against the definitions of RFC 6962 written out."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from domain.access import merkle
from domain.access.merkle import Growing, completed, extends, includes, leaf_hash

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + defined(leaves[:k]) + defined(leaves[k:])).digest()


class Kept:
    """Stored subtrees, as the log's table has them."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for seq, leaf in enumerate(leaves):
            self.nodes |= {(a, b): c for a, b, c in completed(self.at, seq, leaf_hash(leaf))}

    def at(self, level: int, position: int) -> bytes:
        return self.nodes[(level, position)]


@given(LEAVES)
def test_the_root_is_that_of_the_definition_at_every_size(leaves: list[bytes]) -> None:
    kept, growing = Kept(leaves), Growing()
    assert merkle.root(kept.at, 0) == growing.root() == defined([])
    for size, leaf in enumerate(leaves, 1):
        ended = list(growing.add(leaf_hash(leaf)))
        assert merkle.root(kept.at, size) == growing.root() == defined(leaves[:size])
        assert all(kept.nodes[(level, position)] == one for level, position, one in ended)


@given(LEAVES, st.data())
def test_an_inclusion_proof_shows_its_leaf_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    kept, size = Kept(leaves), len(leaves)
    seq = data.draw(st.integers(0, size - 1))
    root, proof = merkle.root(kept.at, size), merkle.inclusion(kept.at, seq, size)
    assert includes(leaf_hash(leaves[seq]), seq, size, proof, root)
    assert not includes(leaf_hash(leaves[seq] + b"!"), seq, size, proof, root)
    assert not includes(leaf_hash(leaves[seq]), size, size, proof, root)
    assert not includes(leaf_hash(leaves[seq]), seq, size, [*proof, root], root)
    assert size == 1 or not includes(leaf_hash(leaves[seq]), seq, size, proof[:-1], root)


@given(LEAVES, LEAVES, st.data())
def test_a_consistency_proof_shows_that_nothing_before_changed(
    leaves: list[bytes], other: list[bytes], data: st.DataObject
) -> None:
    kept, size = Kept(leaves), len(leaves)
    old = data.draw(st.integers(0, size))
    proof = merkle.consistency(kept.at, old, size)
    old_root, root = merkle.root(kept.at, old), merkle.root(kept.at, size)
    assert extends(old, old_root, size, root, proof)
    assert not extends(size + 1, old_root, size, root, proof)
    changed = other[:old]
    if old and len(changed) == old and changed != leaves[:old]:
        assert not extends(old, merkle.root(Kept(changed).at, old), size, root, proof)


@given(st.integers(-2, 9), st.integers(-2, 9), st.lists(st.binary(min_size=32, max_size=32), max_size=9))
def test_proofs_of_strangers_prove_nothing(seq: int, size: int, proof: list[bytes]) -> None:
    root = hashlib.sha256(b"a root that nobody has").digest()
    assert not includes(leaf_hash(b"x"), seq, size, proof, root)
    assert not extends(seq, leaf_hash(b"x"), size, root, proof)
