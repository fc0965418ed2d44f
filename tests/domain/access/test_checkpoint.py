"""Checkpoints as notes, and what may follow one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import merkle
from domain.access.checkpoint import (
    Growth,
    TreeHead,
    note_of,
    origin_of,
    public_key,
    read_note,
    verifier_key,
    why_not,
)
from domain.access.merkle import EMPTY, leaf_hash
from tests.domain.access.test_merkle import LEAVES, Kept

KEY = bytes(range(32))
HASH = st.binary(min_size=32, max_size=32)


@given(st.integers(0, 10**15), HASH, HASH, st.binary(min_size=64, max_size=64))
def test_a_note_reads_back(size: int, root: bytes, key: bytes, signature: bytes) -> None:
    head = TreeHead(origin_of(key), size, root)
    note = read_note(note_of(head, key, signature))
    assert (note.head, note.signature) == (head, signature)
    assert public_key(verifier_key(key)) == key


@given(st.text(max_size=300) | st.builds(lambda a, b: f"x\n{a}\n{b}\n\n\N{EM DASH} x aa\n", st.text(), st.text()))
def test_a_strangers_text_is_a_note_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read_note(text).head.size >= 0


def test_the_form_is_that_of_c2sp() -> None:
    note = note_of(TreeHead(origin_of(KEY), 5, EMPTY), KEY, bytes(64))
    lines = note.split("\n")
    assert lines[0].startswith("sluiceway.invalid/audit/")
    assert lines[1:4] == ["5", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", ""]
    assert lines[4].startswith(f"\N{EM DASH} {lines[0]} ")
    assert note.endswith("\n")


@pytest.mark.parametrize("text", ["", "x+00000000+AQ==", verifier_key(KEY).replace("+", "+0", 1)])
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"key|Base64|padding|base64"):
        public_key(text)


@given(LEAVES, LEAVES, st.data())
def test_a_head_follows_only_a_log_that_it_begins_with(
    leaves: list[bytes], other: list[bytes], data: st.DataObject
) -> None:
    kept, size = Kept(leaves), len(leaves)
    old = data.draw(st.integers(0, size))
    before = merkle.root(kept.at, old)
    proof = tuple(merkle.consistency(kept.at, old, size))
    asked = Growth(size, merkle.root(kept.at, size), old, proof)
    assert why_not(old, before, asked) == ""
    assert why_not(old + 1, before, asked)
    assert why_not(size, leaf_hash(b"another"), Growth(size, asked.root, size))
    if old and other[:old] != leaves[:old] and len(other) >= old:
        assert why_not(old, merkle.root(Kept(other[:old]).at, old), asked)
