"""People as the server knows them: their registration, and what an identity provider adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from domain.access.principal import Principal, PrincipalKind

MOST_GROUPS = 5_000
"""Of a provider; more are refused, not cut: a missing group may be one that forbids."""
MOST_GROUP_CHARACTERS = 256
MOST_KEYS = 20
MOST_LABEL = 80


class CredentialKind(StrEnum):
    """What somebody proves who they are with."""

    PASSKEY = "passkey"
    """WebAuthn; bound to the host name of the server."""
    ED25519 = "ed25519"
    SSH = "ssh"
    """A line of OpenSSH: Ed25519, ECDSA or RSA."""
    BROWSER = "browser"
    """WebCrypto, not extractable, in one browser's storage: a script of the page could use it."""
    PASSWORD = "password"
    """argon2id; only where neither a passkey nor a key is possible."""


SIGNING = frozenset(CredentialKind) - {CredentialKind.PASSWORD}


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One of a person's. Times are seconds since the epoch."""

    id: str
    person: str
    kind: CredentialKind
    value: str
    """Passkey: Base64url of the COSE key; keys: as `public_keys.kept_form` gives; password: the hash of argon2id."""
    label: str = ""
    handle: str = ""
    """Of a passkey: its credential id in Base64url; empty: it has none."""
    uses: int = 0
    """Signature counter of a passkey; 0: it has none."""
    created_at: float = 0
    last_used_at: float = 0
    by: str = ""
    """Id of the principal that registered it."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A registered person, with all that decisions look at."""

    name: str
    groups: tuple[str, ...] = ()
    """Of the registration; they count in approvals."""
    roles: tuple[str, ...] = ()
    provider_groups: tuple[str, ...] = ()
    """Of the identity provider, at the last login; never mixed with those of the registration in approvals."""
    attributes: Mapping[str, str | int | bool] = field(default_factory=lambda: MappingProxyType({}))
    disabled: bool = False
    issuer: str = ""
    """Of the identity provider; empty: a local person."""
    subject: str = ""
    created_at: float = 0

    def principal(self) -> Principal:
        """Who asks, for a decision."""
        groups = tuple(sorted({*self.groups, *self.provider_groups}))
        return Principal(kind=PrincipalKind.PERSON, name=self.name, groups=groups, attributes=self.attributes)


def group_complaint(groups: object) -> str:
    """Why what a provider calls groups are none; empty: they are a bounded list of texts."""
    if not isinstance(groups, list | tuple):
        return "the groups are no list"
    if len(groups) > MOST_GROUPS:
        return f"there are {len(groups)} groups; at most {MOST_GROUPS} are read"
    if not all(isinstance(one, str) and 0 < len(one) <= MOST_GROUP_CHARACTERS for one in groups):
        return f"a group is no text of 1 to {MOST_GROUP_CHARACTERS} characters"
    return ""
