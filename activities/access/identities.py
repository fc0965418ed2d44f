"""Identities: a key pair per person. The person keeps the private key, the engine the public one."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio import activity

from activities.access import key_proofs, port, private_keys, public_keys
from activities.access.approval_store import ApprovalStore
from activities.access.identity_store import Identity
from activities.authority.port import Permits
from activities.core.errors import as_failure
from domain.access.keys import KeyProof
from domain.approvals.opening import Opening
from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, VerifiedIdentity, signed_text
from domain.authority.registrations import RegisteredPerson
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


def verified(decision: Decision, person: RegisteredPerson | None) -> VerifiedIdentity:
    """A person of the signer's register, and by which of their keys the decision is signed."""
    if person is None:
        return VerifiedIdentity()
    proof = KeyProof(decision.signature, decision.proof_kind, decision.authenticator_data, decision.client_data)
    try:
        key = key_proofs.key_of(person.keys, proof, signed_text(decision))
    except ValueError:
        key = None
    kind, confirmed = (key.kind, key.fingerprint in person.confirmed) if key else ("", bool(person.confirmed))
    return VerifiedIdentity(True, person.groups, person.roles, key is not None, key_kind=str(kind), confirmed=confirmed)


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
    """Asks the signer, which alone knows the keys of people and the rules of environments: whoever writes to the
    database changes neither.
    """

    def __init__(self, permits: Permits, approvals: ApprovalStore | None = None) -> None:
        """`approvals`: what inboxes list; None: nobody lists them."""
        self._permits, self._approvals = permits, approvals

    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> VerifiedIdentity:
        """The signer keeps what is valid: what it has not seen opens no way."""
        told = decision if decision.signature else claimed(decision, activity.info().workflow_id or "")
        try:
            return await asyncio.to_thread(self._permits.decision, told)
        except SluicewayError as away:
            raise as_failure(away) from away

    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str, opening: Opening | None = None) -> EnvironmentRule:
        """The registered environment's rule; that of another one says that it is not registered."""
        try:
            rule = await asyncio.to_thread(self._permits.rule, name)
            if opening is not None and self._approvals is not None:
                id_ = activity.info().workflow_id or ""
                await asyncio.to_thread(self._approvals.open, id_, opening, opening.expires_at(rule))
        except SluicewayError as away:
            raise as_failure(away) from away
        return rule
