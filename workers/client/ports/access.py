"""People, their keys, sessions and tokens; grants, labels, shares and policies; and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.access.actions import Action
from domain.access.resource import Resource
from domain.access.verdict import Verdict
from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class KeyRow:
    """A key that a person signs with."""

    id: str
    kind: str
    """`passkey`, `ed25519`, `ssh`, `browser`."""
    label: str = ""
    fingerprint: str = ""
    created_at: float = 0
    last_used_at: float = 0
    confirmed: bool = False
    """Whether somebody else has confirmed that it is its person's."""


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """A registered person."""

    name: str
    groups: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """A login. `id` is public; the secret is in the cookie alone."""

    id: str
    person: str
    address: str
    agent: str
    began_at: float
    seen_at: float
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class GrantRow:
    """A role or a share that somebody has on something."""

    id: str
    kind: str
    """`role` or `share`."""
    principal: str
    """`person:ann`, `group:release-managers`, `token:…`."""
    role: str
    resource: str
    """`project:default`, `environment:production`, `engine:engine`."""
    by: str = ""
    at: float = 0
    until: float = 0
    """0: without an end."""


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """A machine token, without its secret."""

    id: str
    label: str
    owner: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    created_at: float
    expires_at: float
    last_used_at: float = 0


class Access(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not."""

    async def can(self, action: Action, resource: Resource, principal: str = "") -> Verdict:
        """The decision about the caller, or about another principal, with its rule; nothing is done."""
        ...

    async def can_each(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """The decisions about the caller, in order, at once: for all buttons of a page."""
        ...

    async def who_can(self, action: Action, resource: Resource, page: PageOf) -> Page[Verdict]:
        """The people who may, by name."""
        ...

    async def people(self, page: PageOf) -> Page[PersonRow]:
        """By name."""
        ...

    async def set_disabled(self, person: str, disabled: bool) -> None:
        """Whoever is disabled is out at once: logins end, tokens count no more, nothing new begins.

        Raises:
            SluicewayError: SLW428, nobody of that name is there.
        """
        ...

    async def sessions(self, person: str = "") -> tuple[SessionRow, ...]:
        """Of the caller or of another person."""
        ...

    async def end_session(self, id_: str) -> None:
        """Ends a login at once."""
        ...

    async def tokens(self, page: PageOf) -> Page[TokenRow]:
        """The caller's; an administrator's list has all."""
        ...

    async def create_token(
        self, label: str, actions: tuple[str, ...], resources: tuple[str, ...], lifetime_s: float
    ) -> tuple[TokenRow, str]:
        """The token and, this once, its secret (`slw_…`)."""
        ...

    async def revoke_token(self, id_: str) -> None:
        """Ends a token at once."""
        ...

    async def grants(self, principal: str, page: PageOf) -> Page[GrantRow]:
        """Of a principal or, empty, of all."""
        ...

    async def grant(self, principal: str, role: str, resource: str, until: float = 0) -> GrantRow:
        """Gives a role on a resource."""
        ...

    async def share(self, principal: str, role: str, resource: str, until: float) -> GrantRow:
        """An owner gives at most what they hold, with an end."""
        ...

    async def revoke(self, id_: str) -> None:
        """Takes a grant or a share back; the next effect of a run under way is refused."""
        ...
