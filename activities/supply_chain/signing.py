"""The installation's own signature: ECDSA on P-256 with SHA-256, which cosign and every TLS library verify."""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from activities.authority.port import Signer
from domain.core.errors import SluicewayError


class FileSigner(Signer):
    """The adapter behind the signer: a PEM file, readable by its owner only. Only the signer's process opens it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def made(cls, path: Path) -> FileSigner:
        """The signer of a new installation, whose key is made if there is none."""
        if not path.exists():
            _create(path)
        return cls(path)

    @cached_property
    def _key(self) -> EllipticCurvePrivateKey:
        try:
            key = load_pem_private_key(self._path.read_bytes(), None)
        except FileNotFoundError as gone:
            raise SluicewayError("SLW017", "the key of attestations is not there", where=str(self._path)) from gone
        except (OSError, ValueError, TypeError) as broken:
            where = str(self._path)
            raise SluicewayError("SLW880", "the signing key cannot be used", where=where, why=str(broken)) from broken
        if not isinstance(key, EllipticCurvePrivateKey):
            why = "it is not an elliptic curve key"
            raise SluicewayError("SLW880", "the signing key cannot be used", where=str(self._path), why=why)
        return key

    def sign(self, data: bytes) -> bytes:
        """ECDSA in DER, as in cosign and OpenSSL."""
        return self._key.sign(data, ECDSA(SHA256()))

    def public_key(self) -> bytes:
        """PEM of a SubjectPublicKeyInfo (RFC 5280)."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    with suppress(FileExistsError):  # another process has created it
        os.link(new, path)
    new.unlink()


def key_id(public_key: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the PEM."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def valid(public_key: bytes, signature: str, data: bytes) -> bool:
    """Whether a Base64 signature is valid for this key; any error counts as invalid."""
    try:
        key = load_pem_public_key(public_key)
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        key.verify(base64.b64decode(signature, validate=True), data, ECDSA(SHA256()))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
