"""The keys of the signer in a token (PKCS#11): labelled `permits` (Ed25519) and `attestations` (P-256)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.authority import public_keys
from activities.authority.pkcs11 import CKM_ECDSA, CKM_EDDSA, Place, Token
from activities.authority.port import Signer
from domain.core.errors import SluicewayError

PERMITS, ATTESTATIONS = "permits", "attestations"


class TokenKeys:
    """Both keys of one token. They are made there, by whoever administers it: the signer makes none."""

    def __init__(self, folder: Path, address: str) -> None:
        """`folder`: where the public halves lie.

        Raises:
            SluicewayError: SLW880, a key cannot be used; SLW017, one is another than before.
            DefinitionError: SLW503, the address is none.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._token = Token(Place.of(address))
        self.attestations: Signer = TokenSigner(self._token)
        public_keys.remember(folder, {PERMITS: self.public(), ATTESTATIONS: self.attestations.public_key()})

    def sign(self, data: bytes) -> bytes:
        """An ed25519 signature (RFC 8032)."""
        return self._token.sign(PERMITS, CKM_EDDSA, data)

    def public(self) -> bytes:
        """32 bytes."""
        return self._token.point(PERMITS)


class TokenSigner(Signer):
    """The key of attestations in a token."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def sign(self, data: bytes) -> bytes:
        """ECDSA in DER; the token gives both numbers one after the other."""
        raw = self._token.sign(ATTESTATIONS, CKM_ECDSA, hashlib.sha256(data).digest())
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def public_key(self) -> bytes:
        """PEM.

        Raises:
            SluicewayError: SLW880, it is no key of P-256.
        """
        try:
            key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), self._token.point(ATTESTATIONS))
        except ValueError as other:
            raise SluicewayError("SLW880", "the key of attestations is not of P-256", why=str(other)) from other
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
