"""A home with a signer, for tests of what it believes."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access import key_registry
from activities.access.identity_store import Identity
from activities.access.private_keys import public_half
from activities.access.registrar import Registrar
from activities.authority.authority import Authority
from activities.authority.client import AuthorityClient
from domain.access.keys import KeyProof
from domain.authority.registrations import Registration
from domain.core.errors import RefusedError
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.opening import open_authority


@dataclass
class Home:
    """A home with a signer: `hand` is its owner, `server` a server of pages."""

    settings: Settings
    records: Records
    authority: Authority

    @property
    def hand(self) -> AuthorityClient:
        return AuthorityClient(self.authority.answer, lambda digest: b"")

    @property
    def server(self) -> AuthorityClient:
        return AuthorityClient(self.authority.answer_server, lambda digest: b"")

    @property
    def registrar(self) -> Registrar:
        return Registrar(self.records.identities, self.records.definitions, self.hand.register)

    def person(self, name: str, *roles: str) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.generate()
        self.registrar.person(Identity(name, public_half(key), ("leads",), roles))
        return key

    def named(self, said: Registration) -> Registration:
        """As it is signed for this installation."""
        return replace(said, home=self.hand.home())

    def proven(self, *said: Any, **more: Any) -> Registration:
        return self.named(key_registry.proven(*said, **more))

    def enrolment(self, *said: Any) -> Registration:
        return self.named(key_registry.enrolment(*said))

    def invitation(self, *said: Any, **more: Any) -> Registration:
        return self.named(key_registry.invitation(*said, **more))

    def again(self) -> None:
        """A restarted signer."""
        self.authority = open_authority(self.settings, self.records)


def signed(key: Ed25519PrivateKey, said: Registration, kind: str = "") -> KeyProof:
    return KeyProof(base64.b64encode(key.sign(said.text())).decode(), kind)


def refusal(home: Home, said: Registration, proof: KeyProof | None) -> str:
    with pytest.raises(RefusedError) as refused:
        home.server.register(said, proof)
    assert refused.value.code == "SLW435"
    return refused.value.why
