"""Whether somebody has signed a text with a key: plain, as SSH does, or by a passkey."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from activities.access import public_keys
from domain.access.keys import KeyKind, KeyProof, PersonKey, signed_by_passkey
from domain.core.errors import RefusedError


def key_of(keys: Iterable[PersonKey], proof: KeyProof, text: bytes) -> PersonKey | None:
    """The key that has signed the text; None: none of them has."""
    return next((key for key in keys if is_proven(key, proof, text)), None)


def is_proven(key: PersonKey, proof: KeyProof, text: bytes) -> bool:
    """Whether the proof is by this key and over this text. Never raises: a proof is a stranger's.

    The registered kind of the key says how it signs. A passkey never signs plain texts, so that no page can pass off an
    assertion for something else.
    """
    if key.kind is not KeyKind.PASSKEY:
        plain = proof.kind in ("", str(KeyKind.BROWSER)) and not proof.authenticator_data
        return plain and public_keys.is_valid(key.public, proof.signature, text)
    try:
        signed = signed_by_passkey(proof, key, text)
        public_keys.verify_plain(key.public, base64.b64decode(proof.signature, validate=True), signed)
    except (ValueError, binascii.Error, InvalidSignature, UnsupportedAlgorithm, RefusedError, RecursionError):
        return False
    return True
