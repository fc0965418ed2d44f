"""Signed statements about reports and verdicts: signed on creation, verified before use."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from activities.authority.port import Signer
from activities.storage.port import Store
from activities.supply_chain.attestation_store import AttestationStore
from activities.supply_chain.signing import key_id, valid
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.supply_chain import attestation

MAX_ENVELOPE_BYTES = 1_000_000
Publish = Callable[[str, str, bytes, Signer], None]
"""Image reference, kind of statement, envelope and signer: publishes it beside the image."""


def envelope(signer: Signer, statement: Object) -> bytes:
    """A DSSE envelope with one signature."""
    payload = json.dumps(statement, separators=(",", ":"), sort_keys=True).encode()
    signature = signer.sign(attestation.pae(attestation.PAYLOAD, payload))
    made = {
        "payloadType": attestation.PAYLOAD,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(signer.public_key()), "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(made, separators=(",", ":")).encode()


def opened(data: bytes, public_keys: list[bytes]) -> Object:
    """The statement of an envelope that one of the keys has signed.

    Raises:
        ValueError: malformed, or not signed by a trusted key.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise ValueError("it is too large")
    try:
        document = Node(json.loads(data))
        kind = document.need("payloadType").text()
        payload = base64.b64decode(document.need_text("payload"), validate=True)
        signatures = [one.need("sig").text() for one in document.need_list("signatures")]
    except (ValueError, RecursionError) as broken:
        raise ValueError(f"it is not a DSSE envelope: {type(broken).__name__}") from broken
    signed = attestation.pae(kind, payload)
    if kind != attestation.PAYLOAD or not any(
        valid(key, one, signed) for key in public_keys for one in signatures[:10]
    ):
        raise ValueError("no trusted key has signed it")
    return Node(json.loads(payload)).need_object()


@dataclass
class Attestor:
    """`publish`: stores envelopes beside images in their registry; without it they stay in the store."""

    signer: Signer
    records: AttestationStore
    store: Store
    publish: Publish | None = None

    def attest(self, kind: str, subjects: Mapping[str, str], predicate: Object) -> str:
        """Signs a statement about subjects by name and digest (an object of the store, an image); returns the
        envelope's digest.

        It becomes the latest statement for each of the digests.
        """
        sealed = envelope(self.signer, attestation.statement(kind, subjects, predicate))
        made = self.store.put(sealed)
        if self.publish is not None:
            for reference in self._ours(kind, subjects):
                self.publish(reference, kind, sealed, self.signer)
        for digest in subjects.values():
            self.records.save(digest, kind, made)
        return made

    def _ours(self, kind: str, subjects: Mapping[str, str]) -> list[str]:
        """Images whose provenance is signed here: other repositories are not written to."""
        return [
            name
            for name, digest in subjects.items()
            if "@sha256:" in name
            and (kind == attestation.PROVENANCE or self.records.get(digest, attestation.PROVENANCE))
        ]

    def statement(self, kind: str, digest: str) -> Object:
        """The latest statement about a digest.

        Raises:
            ValueError: there is none, or it is not from this installation.
            SluicewayError: the store is away.
        """
        found = self.records.get(digest, kind)
        if not found:
            raise ValueError("unsigned")
        try:
            return opened(self.store.get(found), [self.signer.public_key()])
        except SluicewayError as broken:
            if broken.transient:
                raise
            raise ValueError(f"its signature cannot be read: {broken.what}") from broken
        except ValueError as wrong:
            raise ValueError(f"its signature is invalid: {wrong}") from wrong

    def complaint(self, kind: str, digest: str, expected: Mapping[str, str]) -> str:
        """Why a subject is not trusted; empty: signed here, and for exactly this.

        Raises:
            SluicewayError: the store is away.
        """
        try:
            return attestation.complaint(self.statement(kind, digest), kind, digest, expected)
        except ValueError as wrong:
            return str(wrong)
