"""Identities: an ed25519 key pair per person. The person keeps the private key, the engine the public one."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from temporalio import activity

from activities.access import port
from activities.access.definition_store import DefinitionStore
from activities.access.environments import Environments
from activities.access.identity_store import Identity, IdentityStore
from activities.core.files import write_atomically
from domain.approvals.request import Decision, EnvironmentRule, VerifiedIdentity, signed_text
from domain.core.errors import RefusedError


def create(folder: Path, name: str, groups: tuple[str, ...], roles: tuple[str, ...]) -> Identity:
    """Creates a key pair; an existing one of that name is kept, so that groups can be changed later."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.key"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_generated())
    public = load(folder, name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Identity(name, base64.b64encode(public).decode(), groups, roles)


def rotate(folder: Path, known: Identity) -> Identity:
    """A new key pair for a person, whose private key replaces the old one in this home."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(folder / f"{known.name}.key", _generated())
    return create(folder, known.name, known.groups, known.roles)


def forget(folder: Path, name: str) -> None:
    """Deletes a private key, so that the name gets a new one when it is added again."""
    (folder / f"{name}.key").unlink(missing_ok=True)


def _generated() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load(folder: Path, name: str) -> Ed25519PrivateKey:
    """The private key in `NAME.key`.

    Raises:
        RefusedError: SLW871, the file does not exist.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    except OSError:
        fix = f"sluiceway identity add {name} --group GROUP"
        raise RefusedError("SLW871", f"no private key of '{name}' in this home", fix=fix) from None
    assert isinstance(key, Ed25519PrivateKey)
    return key


def sign(key: Ed25519PrivateKey, decision: Decision) -> Decision:
    """The decision with its ed25519 signature (RFC 8032) in Base64 over `signed_text`."""
    return replace(decision, signature=base64.b64encode(key.sign(signed_text(decision))).decode())


def check(decision: Decision, identity: Identity | None) -> VerifiedIdentity:
    """The registered identity, and whether the signature is valid for exactly this decision."""
    if identity is None:
        return VerifiedIdentity()
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(identity.public_key))
        key.verify(base64.b64decode(decision.signature, validate=True), signed_text(decision))
        valid = True
    except (InvalidSignature, ValueError, binascii.Error):
        valid = False
    return VerifiedIdentity(True, identity.groups, identity.roles, valid)


class IdentityActivities(port.IdentityActivities):
    """Checks signatures against registered public keys; it never sees a private key."""

    def __init__(self, identities: IdentityStore, definitions: DefinitionStore) -> None:
        self._identities, self._definitions = identities, definitions

    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> VerifiedIdentity:
        return check(decision, self._identities.get(decision.approver))

    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str) -> EnvironmentRule:
        """The registered environment's rule; an unregistered one only requires signatures."""
        return Environments(self._definitions).get(name).approval
