"""What the signer attests: statements of the types that the engine makes, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from domain.core.documents import Manifest, Node
from domain.core.errors import RefusedError
from domain.supply_chain import attestation

_HEX = re.compile(r"[0-9a-f]{64}")
COSIGN = "cosign container image signature"


@dataclass(frozen=True)
class Read:
    """What a statement is, for the log."""

    kind: str
    """`verdict` for a gate's, `attestation` for the others."""
    entry: Manifest


def read(data: bytes) -> Read:
    """What is to be signed.

    Raises:
        RefusedError: SLW019, it is no statement of a known type.
    """
    said = Node(_json(data))
    digest: Manifest = {"sha256": hashlib.sha256(data).hexdigest()}
    if said.at("critical", "type").value == COSIGN:
        image = said.at("critical", "image", "docker-manifest-digest").text()
        if not _HEX.fullmatch(image.removeprefix("sha256:")):
            raise _refused("an image without a digest")
        return Read("attestation", {**digest, "type": COSIGN, "subjects": [image]})
    kind = said["predicateType"].text()
    if said["_type"].value != attestation.STATEMENT or kind not in attestation.KINDS:
        raise _refused(f"a statement of type {kind or 'none'!r}")
    subjects = [one.at("digest", "sha256").text() for one in said["subject"]]
    if not subjects or not all(_HEX.fullmatch(one) for one in subjects):
        raise _refused("a statement about something without a digest")
    entry: Manifest = {**digest, "type": kind, "subjects": subjects}
    if kind != attestation.GATE:
        return Read("attestation", entry)
    predicate = said["predicate"]
    bound = {name: predicate[name].text() for name in ("run", "job", "commit", "reason")}
    return Read("verdict", {**entry, **bound, "passed": predicate["passed"].value is True})


def _json(data: bytes) -> Manifest:
    """The statement inside DSSE's pre-authentication encoding, or the payload of cosign."""
    head = b"DSSEv1 %d %s " % (len(attestation.PAYLOAD), attestation.PAYLOAD.encode())
    payload = data
    if data.startswith(b"DSSEv1 "):
        length, _, payload = data[len(head) :].partition(b" ")
        if not data.startswith(head) or not length.isdigit() or int(length) != len(payload):
            raise _refused("an envelope of another type")
    try:
        return dict(Node(json.loads(payload)).object())
    except ValueError as broken:
        raise _refused("bytes that are no JSON") from broken


def _refused(what: str) -> RefusedError:
    return RefusedError("SLW019", f"the signer does not sign {what}")
