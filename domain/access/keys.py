"""Keys that people sign with, and what a passkey's assertion has to say about what it signs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from domain.core.documents import Node

MAX_ASSERTION = 8_192
"""Characters of each part of an assertion in Base64: those of browsers have some hundred."""
_FLAGS_AT, _LEAST = 32, 37
_PRESENT, _VERIFIED = 0x01, 0x04


class KeyKind(StrEnum):
    """Where a private key is."""

    ED25519 = "ed25519"
    """In a file of its owner's."""
    SSH = "ssh"
    """In a file, an agent or a token that makes SSH or plain signatures."""
    PASSKEY = "passkey"
    """In an authenticator (WebAuthn), which asks its owner each time."""
    BROWSER = "browser"
    """In a browser's storage (WebCrypto, not extractable): a script on the page could use it."""


@dataclass(frozen=True, kw_only=True)
class PersonKey:
    """The public half of a key, as it is registered."""

    kind: KeyKind
    public: str
    """Base64 of a raw ed25519 key, or a line of OpenSSH."""
    id: str = ""
    """Of a passkey: its credential id in Base64url without padding."""
    rp: str = ""
    """Of a passkey: the host name that it is bound to (RP ID)."""
    origin: str = ""
    """Of a passkey: the only origin that may ask it."""
    label: str = ""
    """For people."""

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` over the key without its comment: the same in pages, on the command line and in the log."""
        said = " ".join(self.public.split()[:2]).encode()
        return "SHA256:" + base64.b64encode(hashlib.sha256(said).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class KeyProof:
    """A signature with what a passkey signs around the challenge; all in Base64."""

    signature: str
    kind: str = ""
    """`passkey`, `browser`, or empty: a plain or an SSH signature."""
    authenticator_data: str = ""
    client_data: str = ""


def challenge_of(text: bytes) -> bytes:
    """What a passkey is asked to sign: the SHA-256 of the text."""
    return hashlib.sha256(text).digest()


def signed_by_passkey(proof: KeyProof, key: PersonKey, text: bytes) -> bytes:
    """The bytes that an authenticator has signed, if they say what they have to (WebAuthn level 3, section 7.2).

    Raises:
        ValueError: they were signed for another text, another origin or host, or without a look at who asked.
    """
    data, client = _decoded(proof.authenticator_data), _decoded(proof.client_data)
    said = Node(json.loads(client))
    if said["type"].value != "webauthn.get":
        raise ValueError("it is no assertion")
    if _decoded_url(said["challenge"].text()) != challenge_of(text):
        raise ValueError("it was signed for another text")
    if not key.origin or said["origin"].value != key.origin or said["crossOrigin"].value is True:
        raise ValueError("another origin has asked for it")
    if len(data) < _LEAST or data[:_FLAGS_AT] != hashlib.sha256(key.rp.encode()).digest():
        raise ValueError("it was made for another host")
    flags = data[_FLAGS_AT]
    if not (flags & _PRESENT and flags & _VERIFIED):
        raise ValueError("the authenticator has not verified who uses it")
    return data + hashlib.sha256(client).digest()


def _decoded(text: str) -> bytes:
    if len(text) > MAX_ASSERTION:
        raise ValueError("it is too long")
    return base64.b64decode(text, validate=True)


def _decoded_url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except binascii.Error as wrong:
        raise ValueError("its challenge is damaged") from wrong
