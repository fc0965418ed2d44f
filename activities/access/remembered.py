"""What the signer remembers, in the shape in which the database is read: the same rules for both."""

from __future__ import annotations

from collections.abc import Callable

from activities.access import addresses, environments, policies
from activities.access.definition_store import DefinitionReader
from activities.access.identity_store import Identity, IdentityReader
from domain.access.keys import KeyKind
from domain.authority.registrations import Register, RegisteredPerson
from domain.core.documents import Object

OF_FILES = (KeyKind.ED25519, KeyKind.SSH)


class RememberedPeople(IdentityReader):
    """Identities of the register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def get(self, name: str) -> Identity | None:
        """None: not registered."""
        return identity_of(self._register.people.get(name))

    def all(self) -> list[Identity]:
        """Sorted by name."""
        found = (identity_of(one) for _, one in sorted(self._register.people.items()))
        return [one for one in found if one is not None]


class RememberedDefinitions(DefinitionReader):
    """Environments, policies, and whose an address is."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def get(self, kind: str, name: str) -> Object | None:
        """The document; None: not registered."""
        return self.every(kind).get(name)

    def every(self, kind: str) -> dict[str, Object]:
        """All of this kind, by name."""
        if kind == environments.KIND:
            return dict(self._register.environments)
        if kind == policies.KIND:
            return dict(self._register.policies)
        if kind == addresses.KIND:
            return {one: {"identity": person} for one, person in self._register.addresses.items() if person}
        return {}

    def names(self, kind: str) -> list[str]:
        """Sorted."""
        return sorted(self.every(kind))


class ToldPolicies(DefinitionReader):
    """Policies as the signer says them: what the database says of them counts nowhere."""

    def __init__(self, ask: Callable[[], dict[str, Object]]) -> None:
        self._ask = ask

    def get(self, kind: str, name: str) -> Object | None:
        """The document; None: not registered."""
        return self.every(kind).get(name)

    def every(self, kind: str) -> dict[str, Object]:
        """By name."""
        return self._ask() if kind == policies.KIND else {}

    def names(self, kind: str) -> list[str]:
        """Sorted."""
        return sorted(self.every(kind))


def identity_of(person: RegisteredPerson | None) -> Identity | None:
    """A person with the first of their keys that signs files, suppressions and baselines: a confirmed one."""
    if person is None:
        return None
    confirmed = (key for key in person.keys if key.fingerprint in person.confirmed)
    first = next((key.public for key in confirmed if key.kind in OF_FILES), "")
    return Identity(person.name, first, person.groups, person.roles)
