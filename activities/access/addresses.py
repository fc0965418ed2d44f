"""The addresses that identities own: by them, the people of a change are told apart."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from activities.access.definition_store import DefinitionReader, DefinitionStore
from activities.access.identity_store import IdentityReader
from domain.core.documents import Node
from domain.core.errors import DefinitionError, RefusedError

KIND = "IdentityEmail"
HERE = "@localhost"
"""The address of a user of the engine's machine is LOGIN@localhost; an identity owns that of its own name."""
_ADDRESS = re.compile(r"[^\s<>@,]{1,200}@[^\s<>@,]{1,200}")


@dataclass(frozen=True)
class Addresses:
    """Each address belongs to at most one identity, whatever its case."""

    definitions: DefinitionReader
    identities: IdentityReader

    def check(self, identity: str, *addresses: str) -> None:
        """Raises:
        DefinitionError: SLW063, a text is no address.
        RefusedError: SLW062, an address belongs to another identity.
        """
        for address in map(normal, addresses):
            if not _ADDRESS.fullmatch(address):
                raise DefinitionError("SLW063", f"{address[:200]!r} is no e-mail address", fix="write NAME@HOST")
            owner = self._explicit(address)
            if owner not in ("", identity) and self.identities.get(owner) is not None:
                fix = f"sluiceway identity email remove {owner} {address}"
                raise RefusedError("SLW062", f"{address} belongs to identity {owner}", fix=fix)

    def give(self, identity: str, *addresses: str) -> None:
        """Raises like `check`."""
        self.check(identity, *addresses)
        store = self._store()
        for address in map(normal, addresses):
            store.add(KIND, address, json.dumps({"identity": identity}))
            if self._explicit(address) != identity:  # of a removed identity, or given to another one just now
                self._over(identity, address)

    def _over(self, identity: str, address: str) -> None:
        owner = self._explicit(address)
        if self.identities.get(owner) is not None:
            raise RefusedError("SLW062", f"{address} belongs to identity {owner}")
        self._store().save(KIND, address, json.dumps({"identity": identity}))

    def _store(self) -> DefinitionStore:
        if not isinstance(self.definitions, DefinitionStore):
            raise TypeError("what the signer remembers changes by its log alone")
        return self.definitions

    def take(self, identity: str, *addresses: str) -> None:
        """What another identity owns stays with it."""
        for address in map(normal, addresses):
            if self._explicit(address) == identity:
                self._store().remove(KIND, address)

    def of(self, identity: str) -> tuple[str, ...]:
        """Sorted; its own login included, unless somebody else owns that."""
        every = self.definitions.every(KIND)
        own = {address for address, body in every.items() if Node(body)["identity"].value == identity}
        login = normal(identity + HERE)
        return tuple(sorted(own | ({login} if login not in every else set())))

    def owner(self, address: str) -> str:
        """Empty: nobody. An identity that was removed owns nothing."""
        address = normal(address)
        name = self._explicit(address)
        if not name and address.endswith(HERE):
            name = address.removesuffix(HERE)
        return name if name and self.identities.get(name) is not None else ""

    def unowned(self, addresses: Collection[str]) -> tuple[str, ...]:
        """Those that nobody registered owns; an identity's own name is owned."""
        names = {identity.name for identity in self.identities.all()}
        every = {address: Node(body)["identity"].text() for address, body in self.definitions.every(KIND).items()}

        def owned(address: str) -> bool:
            login = address.removesuffix(HERE) if address.endswith(HERE) else address
            return every.get(normal(address), login) in names

        return tuple(address for address in addresses if not owned(address))

    def _explicit(self, address: str) -> str:
        return Node(self.definitions.get(KIND, address))["identity"].text()


def normal(address: str) -> str:
    """Addresses are compared without case: no mail server that people use tells them apart by it."""
    return address.strip().casefold()
