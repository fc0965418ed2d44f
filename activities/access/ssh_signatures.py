"""SSH signatures (OpenSSH's PROTOCOL.sshsig), verified here and not by `ssh-keygen`.

So there is no program to find on a path, no file of allowed signers to write, and one answer on every machine. Which
key counts is ours to say, not the signature's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAGIC = b"SSHSIG"
VERSION = 1
_ARMOUR = re.compile(r"\s*-----BEGIN SSH SIGNATURE-----\s(.*)\s-----END SSH SIGNATURE-----\s*\Z", re.DOTALL)
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_RSA = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
"""`ssh-rsa`, with SHA-1, is none of them."""
_ECDSA = {
    b"ecdsa-sha2-nistp256": hashes.SHA256(),
    b"ecdsa-sha2-nistp384": hashes.SHA384(),
    b"ecdsa-sha2-nistp521": hashes.SHA512(),
}


def is_one(data: bytes) -> bool:
    """Whether these bytes are meant as an SSH signature."""
    return data.startswith(MAGIC)


def from_armour(text: str) -> str:
    """The Base64 in a file of `ssh-keygen -Y sign`, without line breaks.

    Raises:
        ValueError: it is no such file.
    """
    found = _ARMOUR.match(text)
    if found is None:
        raise ValueError("it is no SSH signature")
    packed = "".join(found[1].split())
    try:
        data = base64.b64decode(packed, validate=True)
    except binascii.Error as wrong:
        raise ValueError("its Base64 is damaged") from wrong
    if not is_one(data):
        raise ValueError("it is no SSH signature")
    return packed


def verify(
    key: Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey, data: bytes, namespace: str, message: bytes
) -> None:
    """Returns when the signature is by this key, for this namespace, over this message.

    Raises:
        InvalidSignature, ValueError: it is not.
    """
    parts = _Fields(data)
    if parts.taken(len(MAGIC)) != MAGIC or int.from_bytes(parts.taken(4), "big") != VERSION:
        raise ValueError("no SSH signature of version 1")
    by, space, reserved, algorithm, signature = (parts.field() for _ in range(5))
    parts.must_end()
    if by != _blob(key) or space != namespace.encode() or algorithm not in _HASHES:
        raise InvalidSignature
    said = _HASHES[algorithm](message).digest()
    _verify(key, signature, MAGIC + b"".join(map(_packed, (space, reserved, algorithm, said))))


def _verify(
    key: Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey, signature: bytes, signed: bytes
) -> None:
    parts = _Fields(signature)
    kind, value = parts.field(), parts.field()
    parts.must_end()
    if isinstance(key, Ed25519PublicKey):
        if kind != b"ssh-ed25519":
            raise InvalidSignature
        key.verify(value, signed)
    elif isinstance(key, rsa.RSAPublicKey):
        if kind not in _RSA:
            raise InvalidSignature
        key.verify(value, signed, padding.PKCS1v15(), _RSA[kind])
    else:
        if kind not in _ECDSA or not _blob(key).startswith(_packed(kind)):
            raise InvalidSignature
        numbers = _Fields(value)
        r, s = (int.from_bytes(numbers.field(), "big") for _ in range(2))
        numbers.must_end()
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(_ECDSA[kind]))


def _blob(key: Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    """The key as SSH writes it: compared whole, so a signature cannot bring a key of its own."""
    return base64.b64decode(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


def _packed(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


@dataclass
class _Fields:
    """Strings with their lengths, as SSH packs them (RFC 4251, 5)."""

    data: bytes
    at: int = 0

    def taken(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise ValueError("the signature is cut off")
        found, self.at = self.data[self.at : end], end
        return found

    def field(self) -> bytes:
        return self.taken(int.from_bytes(self.taken(4), "big"))

    def must_end(self) -> None:
        if self.at != len(self.data):
            raise ValueError("something follows the signature")
