"""People as the server knows them: their registration, and what an identity provider adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from domain.access.keys import KeyKind, PersonKey
from domain.access.principal import Principal, PrincipalKind

MOST_GROUPS = 5_000
"""Of a provider; more are refused, not cut: a missing group may be one that forbids."""
MOST_GROUP_CHARACTERS = 256
MOST_KEYS = 20
MOST_LABEL = 80


class CredentialKind(StrEnum):
    """What somebody proves with who they are: the kinds of keys, and a password."""

    ED25519 = KeyKind.ED25519.value
    SSH = KeyKind.SSH.value
    PASSKEY = KeyKind.PASSKEY.value
    BROWSER = KeyKind.BROWSER.value
    PASSWORD = "password"
    """argon2id; only where neither a passkey nor a key is possible."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One of a person's. Times are seconds since the epoch."""

    id: str
    person: str
    kind: CredentialKind
    value: str
    """Of a key: as `public_keys.kept_form` gives it; of a password: the hash of argon2id."""
    label: str = ""
    handle: str = ""
    """Of a passkey: its credential id in Base64url; empty: it has none."""
    rp: str = ""
    """Of a passkey: the host name that it is bound to."""
    origin: str = ""
    """Of a passkey: the only origin that may ask it."""
    uses: int = 0
    """Signature counter of a passkey; 0: it has none."""
    created_at: float = 0
    last_used_at: float = 0
    by: str = ""
    """Id of the principal that registered it."""
    confirmed: bool = False
    """Whether the signer says so: for lists."""

    def key(self) -> PersonKey | None:
        """As the signer knows it. None: it is a password."""
        if self.kind is CredentialKind.PASSWORD:
            return None
        where = {"id": self.handle, "rp": self.rp, "origin": self.origin}
        return PersonKey(kind=KeyKind(self.kind.value), public=self.value, label=self.label, **where)


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
