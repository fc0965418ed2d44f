"""Public keys of people: what a person may hand in, how it is kept, and whether a signature is by it.

Kept as the Base64 of a raw ed25519 key, or as one line of OpenSSH for the other kinds.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)

from activities.access import ssh_signatures
from domain.approvals.request import NAMESPACE
from domain.core.errors import RefusedError

PublicKey: TypeAlias = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
LEAST_BITS = 2048
CURVES = {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384(), "secp521r1": hashes.SHA512()}
"""Curve to the hash of its signatures."""


def kept_form(text: str) -> str:
    """The form in which a public key is registered; `text` is PEM, or a line of OpenSSH.

    Raises:
        RefusedError: SLW024, it is no public key of a kind that may decide.
    """
    data = text.strip().encode()
    try:
        key = load_pem_public_key(data) if data.startswith(b"-----BEGIN") else load_ssh_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise _refused(str(wrong)[:200]) from wrong
    if isinstance(key, Ed25519PublicKey):
        return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    return _one_line(_accepted(key))


def line_of(raw: str) -> str:
    """A raw ed25519 key in Base64, as WebCrypto exports it, in the form of OpenSSH.

    Raises:
        RefusedError: SLW024, it is none.
    """
    try:
        key = base64.b64decode(raw, validate=True)
    except ValueError as wrong:
        raise _refused(str(wrong)) from wrong
    if len(key) != 32:
        raise _refused("an ed25519 key has 32 bytes")
    fields = b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", key))
    return f"ssh-ed25519 {base64.b64encode(fields).decode()}"


def kept_cose(cose: bytes) -> str:
    """The form in which the key of a passkey is registered. `cose`: its COSE_Key (RFC 9052), in CBOR.

    Raises:
        RefusedError: SLW024, it is no ES256, EdDSA or RS256 key.
    """
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    try:
        key = decoded_public_key_to_cryptography(decode_credential_public_key(cose))
    except Exception as wrong:  # a stranger's CBOR: whatever the library makes of it
        raise _refused(str(wrong)[:200]) from wrong
    if isinstance(key, Ed25519PublicKey):
        return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name != "secp256r1":
        raise _refused(f"a passkey on the curve {key.curve.name}")
    return _one_line(_accepted(key))


def same(one: str, other: str) -> bool:
    """Whether two kept forms are one key, with or without a comment."""
    return one.split()[:2] == other.split()[:2]


def is_valid(public_key: str, signature: str, text: bytes) -> bool:
    """Whether `signature`, in Base64, is over `text` by the key, of which `public_key` is the kept form.

    It is plain (ed25519: RFC 8032; ECDSA: DER, with the hash of the curve; RSA: PKCS #1 v1.5 with SHA-256) or an SSH
    signature with the namespace of decisions.
    """
    try:
        key, data = _loaded(public_key), base64.b64decode(signature, validate=True)
        if ssh_signatures.is_one(data):
            ssh_signatures.verify(key, data, NAMESPACE, text)
        else:
            _verify(key, data, text)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm, RefusedError, binascii.Error):
        return False
    return True


def verify_plain(public_key: str, signature: bytes, text: bytes) -> None:
    """A signature that is no SSH signature, such as that of an authenticator (COSE ES256, EdDSA, RS256).

    Raises:
        InvalidSignature: it is not by this key.
        ValueError, UnsupportedAlgorithm, RefusedError: the key is none.
    """
    _verify(_loaded(public_key), signature, text)


def _verify(key: PublicKey, signature: bytes, text: bytes) -> None:
    if isinstance(key, Ed25519PublicKey):
        key.verify(signature, text)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.verify(signature, text, ec.ECDSA(CURVES[key.curve.name]))


def _loaded(public_key: str) -> PublicKey:
    if " " in public_key:
        return _accepted(load_ssh_public_key(public_key.encode()))
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))


def _accepted(key: object) -> PublicKey:  # whatever kind the library knows
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_BITS:
            raise _refused(f"an RSA key of {key.key_size} bits is too short: at least {LEAST_BITS}")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise _refused(f"a key of the kind {type(key).__name__.strip('_')} may not decide")


def _one_line(key: PublicKey) -> str:
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _refused(why: str) -> RefusedError:
    fix = "hand in PEM or a line of OpenSSH: ed25519, ECDSA (P-256, P-384, P-521) or RSA"
    return RefusedError("SLW024", "this is no public key that may decide", why=why, fix=fix)
