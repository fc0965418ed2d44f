"""A passkey in Python: what an authenticator and a browser make of a question, without either."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.access.keys import KeyKind, KeyProof, PersonKey, challenge_of

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Authenticator:
    """One passkey (ES256)."""

    rp: str = "sluiceway.localhost"
    origin: str = "http://sluiceway.localhost:8080"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    uses: int = 0
    """The counter that it shows; it stays 0 unless a test sets it."""
    flags: int = PRESENT | VERIFIED

    @property
    def person_key(self) -> PersonKey:
        line = self.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return PersonKey(kind=KeyKind.PASSKEY, public=line, id=url64(self.id), rp=self.rp, origin=self.origin)

    def client_data(self, kind: str, challenge: bytes) -> bytes:
        said = {"type": kind, "challenge": url64(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def data(self, extra: int = 0) -> bytes:
        counter = self.uses.to_bytes(4, "big")
        return hashlib.sha256(self.rp.encode()).digest() + bytes([self.flags | extra]) + counter

    def sign(self, text: bytes) -> KeyProof:
        """An assertion: the proof that a page sends for a text."""
        data, client = self.data(), self.client_data("webauthn.get", challenge_of(text))
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        signature, told, asked = (base64.b64encode(part).decode() for part in (signed, data, client))
        return KeyProof(signature, "passkey", told, asked)


def made(authenticator: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    """What `navigator.credentials.create` answers, as `toJSON` writes it: without attestation."""
    challenge = base64.urlsafe_b64decode(options["challenge"] + "==")
    client = authenticator.client_data("webauthn.create", challenge)
    numbers = authenticator.key.public_key().public_numbers()
    cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    told = bytes(16) + len(authenticator.id).to_bytes(2, "big") + authenticator.id + cbor2.dumps(cose)
    body = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator.data(ATTESTED) + told})
    answer = {"clientDataJSON": url64(client), "attestationObject": url64(body)}
    name = url64(authenticator.id)
    return {"id": name, "rawId": name, "type": "public-key", "response": answer}
