"""The keys of the signer: made once, in its own folder, and never again by themselves."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from activities.authority import public_keys
from activities.authority.port import Signer
from activities.supply_chain.signing import FileSigner


class FileKeys:
    """Two PEM files of the signer's folder: ed25519 for permits, P-256 for attestations."""

    def __init__(self, folder: Path, attestations: Path, *, fresh: bool) -> None:
        """`fresh`: this home has never signed anything, so missing keys are made.

        Raises:
            SluicewayError: SLW017, a key is gone; SLW880, one cannot be used.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        permits = folder / "permits.pem"
        if fresh and not permits.exists():
            _write(permits, _generated())
        self._key = _loaded(permits)
        self.attestations: Signer = FileSigner.made(attestations) if fresh else FileSigner(attestations)
        public_keys.remember(folder, {"permits": self.public(), "attestations": self.attestations.public_key()})

    def sign(self, data: bytes) -> bytes:
        """An ed25519 signature (RFC 8032)."""
        return self._key.sign(data)

    def public(self) -> bytes:
        """32 bytes."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _generated() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, pem: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(handle)


def _loaded(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as broken:
        raise public_keys.lost(path, str(broken)) from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise public_keys.lost(path, "it is not an ed25519 key")
    return key
