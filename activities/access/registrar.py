"""Registers people and environments by hand: in the database, for lists, and with the signer, which alone decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from activities.access import addresses as address_book
from activities.access import environments as environment_rules
from activities.access import policies
from activities.access.addresses import Addresses
from activities.access.definition_store import DefinitionStore
from activities.access.environments import CLOSED, Environments
from activities.access.identity_store import Identity, IdentityStore
from domain.access.keys import KeyKind, PersonKey
from domain.authority.documents import of_document
from domain.authority.registrations import Registration, Topic, key_body
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError
from domain.releases.kubernetes import namespaces

Tell = Callable[[Registration], None]
"""To the signer, by hand."""


class Registrar:
    """The signer is told first: what it does not admit is in no list."""

    def __init__(self, identities: IdentityStore, definitions: DefinitionStore, tell: Tell) -> None:
        self._identities, self._definitions, self.tell = identities, definitions, tell
        self._addresses = Addresses(definitions, identities)
        self._environments = Environments(definitions)

    def person(self, identity: Identity) -> None:
        """A person with these groups and roles, and this key in place of the one that the database has.

        Raises:
            RefusedError: SLW435, the signer does not admit it.
        """
        before = self._identities.get(identity.name)
        if before is not None and before.public_key and before.public_key != identity.public_key:
            self.tell(_lost(before))
        for said in of_person(identity):
            self.tell(said)
        self._identities.save(identity)

    def remove(self, name: str) -> None:
        """A person, their keys and their addresses."""
        self.take(name, *self._addresses.of(name))
        self.tell(Registration(topic=Topic.REMOVED, name=name))
        self._identities.remove(name)

    def give(self, person: str, *addresses: str) -> None:
        """Addresses become a person's. Raises like `Addresses.give`."""
        self._addresses.check(person, *addresses)
        for one in map(address_book.normal, addresses):
            self.tell(_address(one, person))
        self._addresses.give(person, *addresses)

    def take(self, person: str, *addresses: str) -> None:
        """What another person owns stays with them."""
        for one in map(address_book.normal, addresses):
            if self._addresses.owner(one) == person:
                self.tell(_address(one, ""))
        self._addresses.take(person, *addresses)

    def environment(self, name: str, body: Object) -> str:
        """Saves a document; returns `registered`, `changed` or `unchanged`.

        Raises:
            RefusedError: as `Environments.register`; SLW435, the signer does not admit it, or would not.
        """
        self._environments.must_be_names(name)
        if why := namespaces.shared(name, body, self._definitions.every(environment_rules.KIND)):
            raise RefusedError("SLW435", f"environment {name} is not registered", why=why)
        self.tell(_environment(name, body))
        return self._environments.register(name, body)

    def policy(self, name: str, body: Object) -> str:
        """A policy of pushes; returns `registered`, `changed` or `unchanged`.

        Raises:
            RefusedError: SLW435, the signer does not admit it.
        """
        before = self._definitions.get(policies.KIND, name)
        self.tell(_policy(name, body))
        self._definitions.save(policies.KIND, name, json.dumps(body))
        return "unchanged" if before == body else ("changed" if before else "registered")

    def without_policy(self, name: str) -> None:
        """What it demanded holds no more."""
        self.tell(_policy(name, {}))
        self._definitions.remove(policies.KIND, name)

    def again(self, *names: Iterable[str]) -> None:
        """Tells the signer what the database now says of these environments."""
        for name in (one for some in names for one in some):
            self.tell(_environment(name, self._definitions.get(environment_rules.KIND, name) or {}))


def taken_over(identities: IdentityStore, definitions: DefinitionStore) -> Iterator[Registration]:
    """What the database says of people and environments, when the signer begins to remember them itself."""
    for identity in identities.all():
        yield from of_person(identity)
    for address, body in definitions.every(address_book.KIND).items():
        yield _address(address, Node(body)["identity"].text())
    for name, document in definitions.every(environment_rules.KIND).items():
        yield Registration(topic=Topic.ENVIRONMENT, name=name, body={"document": json.dumps(document)})


def policies_taken_over(definitions: DefinitionStore) -> Iterator[Registration]:
    """What the database says of policies, when the signer begins to remember them itself."""
    return (_policy(name, body) for name, body in definitions.every(policies.KIND).items())


def of_person(identity: Identity) -> Iterator[Registration]:
    """What is said of a person with one key, or without any."""
    body = {"groups": list(identity.groups), "roles": list(identity.roles)}
    yield Registration(topic=Topic.PERSON, name=identity.name, body=body)
    if identity.public_key:
        yield Registration(topic=Topic.KEY, name=identity.name, body=key_body(_key(identity)))


def _key(identity: Identity) -> PersonKey:
    kind = KeyKind.SSH if " " in identity.public_key else KeyKind.ED25519
    return PersonKey(kind=kind, public=identity.public_key)


def _lost(identity: Identity) -> Registration:
    return Registration(topic=Topic.LOST, name=identity.name, body={"fingerprint": _key(identity).fingerprint})


def _address(address: str, person: str) -> Registration:
    return Registration(topic=Topic.ADDRESS, name=address, body={"person": person})


def _environment(name: str, body: Object) -> Registration:
    return of_document(environment_rules.KIND, name, registered_text(environment_rules.KIND, body))


def _policy(name: str, body: Object) -> Registration:
    """Without a body: that it is gone."""
    return of_document(policies.KIND, name, registered_text(policies.KIND, body) if body else "")


def registered_text(kind: str, body: Object) -> str:
    """A document as the signer remembers it."""
    return json.dumps({**body, CLOSED: True} if kind == environment_rules.KIND else body)
