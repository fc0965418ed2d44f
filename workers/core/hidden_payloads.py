"""Encrypts sealed payloads and opens them: AES-256-GCM (NIST SP 800-38D), under a key that each key of the seals gives.

The keys of the seals stand behind it, so there is one file to keep, one rotation, and a key is forgotten only once
nothing that it has encrypted can still be read from the server. Nonces are random: by SP 800-38D, 8.3 a key may
encrypt 2^32 payloads.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from temporalio.api.common.v1 import Payload

from domain.authority.hiding import NONCE_BYTES, TAG_BYTES, Hidden, read

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from workers.core.keyring import Keyring


def hide(ring: Keyring, namespace: str, workflow_id: str, payload: Payload) -> None:
    """Encrypts a payload in place, with all of its metadata."""
    key = ring.newest
    beside = Hidden(key.id, workflow_id)
    nonce = os.urandom(NONCE_BYTES)
    data = _cipher(key.secret).encrypt(nonce, payload.SerializeToString(), beside.associated(namespace))
    payload.CopyFrom(Payload(metadata=beside.metadata(), data=nonce + data))


def opened(ring: Keyring, namespace: str, payload: Payload) -> Payload:
    """What is in an encrypted payload. Any other one, and what does not open, stays: it has no seal, and is refused."""
    beside = read(payload.metadata)
    secret = ring.secret(beside.key) if beside else None
    if beside is None or secret is None or len(payload.data) < NONCE_BYTES + TAG_BYTES:
        return payload
    from cryptography.exceptions import InvalidTag

    nonce, data = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
    try:
        return Payload.FromString(_cipher(secret).decrypt(nonce, data, beside.associated(namespace)))
    except InvalidTag:
        return payload


@lru_cache(maxsize=16)
def _cipher(secret: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"sluiceway/payload/v1").derive(secret))
