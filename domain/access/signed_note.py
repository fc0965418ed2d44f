"""Whether a checkpoint is signed by a log's key. Apart from the rest, because workflows load no cryptography."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.access.checkpoint import Note, key_id, origin_of, read_note
from domain.core.errors import SluicewayError


def verified(text: str, public: bytes) -> Note:
    """A checkpoint, if this key (32 bytes, ed25519) has signed it.

    Raises:
        SluicewayError: SLW481, it has not.
    """
    try:
        note = read_note(text)
        name = origin_of(public)
        if note.head.origin != name or note.key_id != key_id(name, public):
            raise ValueError("it is of another log")
        Ed25519PublicKey.from_public_bytes(public).verify(note.signature, note.head.text().encode())
    except (ValueError, InvalidSignature) as wrong:
        why = str(wrong) or "its signature is not the signer's"
        raise SluicewayError("SLW481", "this is no checkpoint of this audit", why=why) from wrong
    return note
