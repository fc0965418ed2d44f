"""A passkey in software: what an authenticator and a browser make of a text, and whatever an attacker would change."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.access.keys import KeyKind, KeyProof, PersonKey, challenge_of
from domain.approvals.request import Decision, signed_text

RP = "sluiceway.localhost"
ORIGIN = f"http://{RP}:8080"


@dataclass(frozen=True)
class Passkey:
    """An ES256 key; `flags`: user present and verified."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    rp: str = RP
    origin: str = ORIGIN
    flags: int = 0x05
    kind: str = "webauthn.get"
    cross_origin: bool = False

    @property
    def key(self) -> PersonKey:
        public = self.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return PersonKey(kind=KeyKind.PASSKEY, public=public, id="credential", rp=RP, origin=ORIGIN)

    def prove(self, text: bytes) -> KeyProof:
        challenge = base64.urlsafe_b64encode(challenge_of(text)).decode().rstrip("=")
        said = {"type": self.kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        client = json.dumps(said).encode()
        data = hashlib.sha256(self.rp.encode()).digest() + bytes([self.flags]) + (0).to_bytes(4, "big")
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        signed, about, around = (base64.b64encode(one).decode() for one in (signature, data, client))
        return KeyProof(signed, "passkey", about, around)

    def sign(self, decision: Decision) -> Decision:
        proof = self.prove(signed_text(decision))
        return replace(
            decision,
            signature=proof.signature,
            proof_kind=proof.kind,
            authenticator_data=proof.authenticator_data,
            client_data=proof.client_data,
        )
