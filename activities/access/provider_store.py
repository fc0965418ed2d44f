"""Registered identity providers: documents of the kind IdentityProvider."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from activities.access.definition_store import DefinitionStore
from domain.access.oidc import IdentityProvider, endpoint_complaint
from domain.core import names
from domain.core.documents import Node, Object
from domain.core.errors import DefinitionError

KIND = "IdentityProvider"
MOST_SECRET = 10_000
ENV, FILE = "env:", "file:"


@dataclass(frozen=True)
class ProviderStore:
    """By name; the secret itself is never here."""

    definitions: DefinitionStore

    def save(self, provider: IdentityProvider) -> None:
        """Raises:
        DefinitionError: SLW430, its name, issuer or secret is none.
        """
        wrong = names.complaint(provider.name) or endpoint_complaint(provider.issuer)
        if not wrong and provider.secret_from and not provider.secret_from.startswith((ENV, FILE)):
            wrong = "a secret is env:NAME or file:PATH"
        if wrong or not provider.client_id:
            raise DefinitionError("SLW430", "this is no identity provider", why=wrong or "it needs the id of a client")
        self.definitions.save(KIND, provider.name, json.dumps(asdict(provider)))

    def get(self, name: str) -> IdentityProvider | None:
        """None: nobody registered it."""
        body = self.definitions.get(KIND, name)
        return _provider(name, body) if body else None

    def all(self) -> Iterator[IdentityProvider]:
        """By name."""
        return (_provider(name, body) for name, body in sorted(self.definitions.every(KIND).items()))

    def remove(self, name: str) -> None:
        """Nobody logs in by it any more; its people stay."""
        self.definitions.remove(KIND, name)


def secret_of(provider: IdentityProvider) -> str:
    """Of the client, read at the moment that it is used.

    Raises:
        DefinitionError: SLW430, it cannot be read.
    """
    place = provider.secret_from
    try:
        if place.startswith(ENV):
            return os.environ[place.removeprefix(ENV)]
        return Path(place.removeprefix(FILE)).read_text()[:MOST_SECRET].strip() if place else ""
    except (OSError, KeyError, UnicodeDecodeError) as missing:
        why = f"{place} cannot be read: {type(missing).__name__}"
        raise DefinitionError("SLW430", "this is no identity provider", why=why) from missing


def _provider(name: str, body: Object) -> IdentityProvider:
    node = Node(body)
    return IdentityProvider(
        name=name,
        label=node["label"].text() or name,
        issuer=node["issuer"].text(),
        client_id=node["client_id"].text(),
        secret_from=node["secret_from"].text(),
        groups_claim=node["groups_claim"].text("groups"),
        scopes=tuple(node["scopes"].texts()) or ("openid",),
        admits=node["admits"].value is True,
        second_factor=node["second_factor"].value is True,
    )
