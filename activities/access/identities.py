"""Identities: a key pair per person. The person keeps the private key, the engine the public one."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio import activity

from activities.access import port, private_keys, public_keys
from activities.access.addresses import Addresses
from activities.access.environments import Environments
from activities.access.identity_store import Identity, IdentityStore
from activities.authority.port import Permits
from activities.core.errors import as_failure
from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, VerifiedIdentity, signed_text
from domain.core.errors import SluicewayError


def create(folder: Path, name: str, groups: tuple[str, ...], roles: tuple[str, ...]) -> Identity:
    """A person whose key lies in their folder: made now, or taken as it is when it is there."""
    return Identity(name, private_keys.made(folder, name), groups, roles)


def rotate(folder: Path, known: Identity) -> Identity:
    """A new key for a person, in place of the one in their folder."""
    return replace(known, public_key=private_keys.replaced(folder, known.name))


def sign(key: Ed25519PrivateKey, decision: Decision) -> Decision:
    """The decision with its ed25519 signature (RFC 8032) in Base64 over `signed_text`."""
    return replace(decision, signature=base64.b64encode(key.sign(signed_text(decision))).decode())


def check(decision: Decision, identity: Identity | None) -> VerifiedIdentity:
    """The registered identity, and whether the signature is valid for exactly this decision."""
    if identity is None:
        return VerifiedIdentity()
    return VerifiedIdentity(True, identity.groups, identity.roles, is_signed(decision, identity.public_key))


def is_signed(decision: Decision, public_key: str) -> bool:
    """Whether the decision was signed with the key, of which `public_key` is the registered form."""
    try:
        text = signed_text(decision)
    except ValueError:
        return False
    return public_keys.is_valid(public_key, decision.signature, text)


def claimed(decision: Decision, approval: str) -> Decision:
    """An unsigned decision says nothing of what it is for: the approval that looks at it says that."""
    return replace(decision, binding=ApprovalSubject(workflow_id=approval), comment="")


class IdentityActivities(port.IdentityActivities):
    """Checks signatures against registered public keys; it never sees a private key."""

    def __init__(self, identities: IdentityStore, environments: Environments, permits: Permits) -> None:
        self._identities, self._environments, self._permits = identities, environments, permits
        self._addresses = Addresses(environments.definitions, identities)

    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> VerifiedIdentity:
        """Also tells the signer, which checks it again: what it has not seen opens no way."""
        found = check(decision, self._identities.get(decision.approver))
        told = decision if decision.signature else claimed(decision, activity.info().workflow_id or "")
        if found.signature_valid or not decision.signature:
            try:
                await asyncio.to_thread(self._permits.decision, told)
            except SluicewayError as away:
                raise as_failure(away) from away
        return replace(found, addresses=self._addresses.of(decision.approver)) if found.known else found

    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str) -> EnvironmentRule:
        """The registered environment's rule; that of another one says that it is not registered."""
        return self._environments.get(name).approval
