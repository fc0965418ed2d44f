"""Signed checkpoints of the audit: notes of C2SP (tlog-checkpoint, signed-note), and which may follow which."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.access.merkle import EMPTY, HASH_BYTES, extends

ORIGIN = "sluiceway.invalid/audit/"
"""With the first 16 hexadecimal digits of the key's SHA-256: one log, one name."""
MAX_NOTE = 2_000
MAX_PROOF = 130
"""Hashes: two for each level of a tree of 2**64 leaves."""
ED25519 = b"\x01"
"""Type of a signature in signed-note."""
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_NAME = re.compile(r"[^\s+]{1,200}")


@dataclass(frozen=True)
class TreeHead:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A checkpoint with one signature by the log's key."""

    head: TreeHead
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Growth:
    """A log asks to have its new head signed."""

    size: int
    root: bytes
    old: int = 0
    """Size of the head that was signed last."""
    proof: tuple[bytes, ...] = ()
    """That the new tree begins with the old one."""


def origin_of(public: bytes) -> str:
    """The name of the log that an ed25519 key of 32 bytes signs."""
    return ORIGIN + hashlib.sha256(public).hexdigest()[:16]


def short(origin: str) -> str:
    """What tells an installation in the names and labels of objects: 16 hexadecimal digits; empty for an empty one."""
    return origin.removeprefix(ORIGIN)


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that tell keys of one name apart (signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(public: bytes) -> str:
    """The key as signed-note writes it: `NAME+ID+KEY`."""
    name = origin_of(public)
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def public_key(verifier: str) -> bytes:
    """The 32 bytes of a verifier key.

    Raises:
        ValueError: it is none of ed25519.
    """
    name, _, rest = verifier.partition("+")
    id_, _, packed = rest.partition("+")
    data = base64.b64decode(packed, validate=True)
    public = data[1:]
    if data[:1] != ED25519 or len(public) != HASH_BYTES or key_id(name, public).hex() != id_:
        raise ValueError("this is no verifier key of ed25519")
    return public


def note_of(head: TreeHead, public: bytes, signature: bytes) -> str:
    """The signed note, as text."""
    packed = base64.b64encode(key_id(head.origin, public) + signature).decode()
    return f"{head.text()}\n\N{EM DASH} {head.origin} {packed}\n"


def read_note(text: str) -> Note:
    """The head and the first signature by its own origin; other signatures, of witnesses, are left to others.

    Raises:
        ValueError: it is no checkpoint.
    """
    said, gap, signatures = text.partition("\n\n")
    lines = said.split("\n")
    if len(text) > MAX_NOTE or not gap or len(lines) != 3 or not _NAME.fullmatch(lines[0]):
        raise ValueError("this is no checkpoint")
    root = _decoded(lines[2])
    if not _SIZE.fullmatch(lines[1]) or len(root) != HASH_BYTES:
        raise ValueError("this checkpoint has no size or no root")
    for line in signatures.split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, packed = rest.partition(" ")
        if dash == "\N{EM DASH}" and name == lines[0]:
            data = _decoded(packed)
            return Note(TreeHead(lines[0], int(lines[1]), root), data[:4], data[4:])
    raise ValueError("its origin has not signed this checkpoint")


def why_not(known_size: int, known_root: bytes, asked: Growth) -> str:
    """Why a head may not follow the known one; empty: it may. Nothing was signed before: size 0, root `EMPTY`."""
    if len(asked.root) != HASH_BYTES or len(asked.proof) > MAX_PROOF or any(len(one) != 32 for one in asked.proof):
        return "its hashes are none"
    if asked.old != known_size:
        return f"the last checkpoint is of size {known_size}, not {asked.old}"
    if asked.size < known_size:
        return f"the log has {asked.size} entries, and a checkpoint of {known_size} is signed: its end was cut off"
    if not extends(known_size, known_root or EMPTY, asked.size, asked.root, asked.proof):
        return f"the first {known_size} entries are not those of the checkpoint that is signed"
    return ""


def proof_of(texts: Sequence[str]) -> tuple[bytes, ...]:
    """Hashes in Base64.

    Raises:
        ValueError: they are none.
    """
    return tuple(_decoded(one) for one in texts)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as broken:
        raise ValueError("this is no Base64") from broken
