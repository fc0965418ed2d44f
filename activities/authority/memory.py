"""The signer's parts in memory: for tests and rehearsals, which need no home."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.authority.port import Signer
from domain.access.keys import KeyProof, PersonKey
from domain.access.verdict import Layer, Verdict
from domain.approvals.request import ChangeAuthors, Decision, EnvironmentRule, VerifiedIdentity
from domain.authority.initiators import EffectQuestion
from domain.authority.registrations import By
from domain.releases.windows import Calendar
from domain.supply_chain.image_policy import Attestations, ImageRule


class MemorySigner(Signer):
    """A key that ends with its process."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())

    def sign(self, data: bytes) -> bytes:
        """ECDSA in DER."""
        return self._key.sign(data, ECDSA(SHA256()))

    def public_key(self) -> bytes:
        """PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class MemoryKeys:
    """Both keys of a signer."""

    def __init__(self) -> None:
        self.attestations: Signer = MemorySigner()
        self._key = Ed25519PrivateKey.generate()

    def sign(self, data: bytes) -> bytes:
        """An ed25519 signature."""
        return self._key.sign(data)

    def public(self) -> bytes:
        """32 bytes."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@dataclass
class MemoryRegistry:
    """People and environments as they are told."""

    people: dict[str, VerifiedIdentity] = field(default_factory=dict)
    """Approver to what is known of them; others are unknown."""
    rules: dict[str, EnvironmentRule] = field(default_factory=dict)
    image_rules: dict[str, ImageRule] = field(default_factory=dict)
    closing: dict[str, str] = field(default_factory=dict)
    """Environment to what holds its releases."""
    forbidden: dict[tuple[str, str], str] = field(default_factory=dict)
    """Id of an initiator and action, to the rule that forbids it."""

    def identity(self, decision: Decision) -> VerifiedIdentity:
        """Nothing for somebody who was not told."""
        return self.people.get(decision.approver, VerifiedIdentity())

    def prover(self, keys: Iterable[tuple[By, PersonKey]], proof: KeyProof, text: bytes) -> By | None:
        """Nobody's."""
        return None

    def authors(self, said: ChangeAuthors, environment: str) -> ChangeAuthors:
        """As it is said."""
        return said

    def groups(self, person: str) -> tuple[str, ...]:
        """Of those who were told."""
        known = self.people.get(person.partition(":")[2])
        return known.groups if known else ()

    def differences(self) -> tuple[str, ...]:
        """Nothing beside it is written."""
        return ()

    def unowned(self, addresses: Collection[str]) -> tuple[str, ...]:
        """Those that nobody who was told has."""
        owned = {address for one in self.people.values() for address in one.addresses}
        return tuple(one for one in addresses if one not in owned)

    def verdict(self, asked: EffectQuestion) -> Verdict | None:
        """What it is told of an initiator and an action; others may do everything."""
        rule = self.forbidden.get((asked.initiator.id, asked.action))
        if rule is None:
            return None
        return Verdict(
            allowed=False,
            action=asked.action,
            principal=asked.initiator.id,
            resource=asked.resource.id,
            layer=Layer.RBAC,
            rule=rule,
            reason="it was told so",
        )

    def images(self, environment: str) -> ImageRule:
        """The told one, or one that leaves tags as they are."""
        return self.image_rules.get(environment, ImageRule(as_written=True))

    def statements(self, image: str, blob: Callable[[str], str]) -> Attestations:
        """Nothing is signed."""
        return Attestations()

    def closed(self, environment: str, calendar: Calendar, now: float) -> str:
        """What it is told."""
        return self.closing.get(environment, "")

    def every_rule(self) -> Iterable[EnvironmentRule]:
        """Those that were told."""
        return self.rules.values()

    def rule(self, environment: str) -> EnvironmentRule:
        """The told rule, or one that demands nothing."""
        return self.rules.get(environment, EnvironmentRule(name=environment))
