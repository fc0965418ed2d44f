"""Signatures of people who may suppress."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.access.identity_store import Identity
from activities.scans.suppressions.suppression_signing import sign
from domain.scans.findings import suppression_signatures
from domain.triggers.repository_name import repository_name
from workers.worker.definition_reader import read_suppressions


class People(Protocol):
    """Where a person is registered."""

    def person(self, identity: Identity) -> None:
        """With this key."""
        ...


def signed(
    people: People, repo: Path, text: str, *, who: str = "security", groups: tuple[str, ...] = (), vex: str = ""
) -> dict[str, str]:
    """A registered person, and the files of a commit with their signatures."""
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    people.person(Identity(who, public, groups))
    entries = read_suppressions(text.encode(), "sluiceway.suppressions.yaml")
    made, _ = sign(b"", who, key, repository_name(str(repo)), entries, vex.encode())
    return {"sluiceway.suppressions.yaml": text, suppression_signatures.FILE: made.decode()}
