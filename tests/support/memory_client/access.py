"""People, sessions, tokens and grants in memory."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource
from domain.access.verdict import Verdict
from domain.core.errors import RefusedError, SluicewayError
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.ports.access import GrantRow, PersonRow, SessionRow, TokenRow
from workers.client.ports.pages import Page, PageOf


class MemoryAccess:
    """Implements `Access`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def can(self, action: Action, resource: Resource, principal: str = "") -> Verdict:
        """As the guard decides, whoever is asked about."""
        found = self._guard.verdict(action, resource)
        return replace(found, principal=principal or found.principal)

    async def can_each(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """See `Access`."""
        return tuple([await self.can(action, resource) for action, resource in pairs])

    async def who_can(self, action: Action, resource: Resource, page: PageOf) -> Page[Verdict]:
        """Everybody that the world knows."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        found = self._guard.verdict(action, resource)
        rows = [replace(found, principal=f"person:{name}") for name in self._world.people]
        return listed(rows, lambda row: (row.principal,), page, action, resource.id)

    async def people(self, page: PageOf) -> Page[PersonRow]:
        """By name."""
        self._guard.need(Action.PEOPLE_READ, ENGINE)
        return listed(self._world.people.values(), lambda row: (row.name,), page)

    async def set_disabled(self, person: str, disabled: bool) -> None:
        """Raises SLW428 for somebody that the world does not know."""
        async with self._guard.use(Action.PEOPLE_WRITE, ENGINE):
            if person not in self._world.people:
                raise SluicewayError("SLW428", f"there is nobody of the name {person}")
            self._world.people[person] = replace(self._world.people[person], disabled=disabled)

    async def sessions(self, person: str = "") -> tuple[SessionRow, ...]:
        """Of the caller or of another person."""
        if person:
            self._guard.need(Action.PEOPLE_READ, ENGINE)
        name = person or self._guard.caller.principal.name
        return tuple(row for row in self._world.sessions.values() if row.person == name)

    async def end_session(self, id_: str) -> None:
        """Raises SLW410 for another person's, without the right."""
        found = self._world.sessions.get(id_)
        if found is None or found.person != self._guard.caller.principal.name:
            self._guard.need(Action.PEOPLE_WRITE, ENGINE)
        self._world.sessions.pop(id_, None)

    async def tokens(self, page: PageOf) -> Page[TokenRow]:
        """All of them."""
        return listed(self._world.tokens.values(), lambda row: (row.id,), page)

    async def create_token(
        self, label: str, actions: tuple[str, ...], resources: tuple[str, ...], lifetime_s: float
    ) -> tuple[TokenRow, str]:
        """Of the caller."""
        async with self._guard.use(Action.TOKENS_CREATE, ENGINE):
            row = TokenRow(
                id=f"t{len(self._world.tokens) + 1}",
                label=label,
                owner=self._guard.caller.principal.id,
                actions=actions,
                resources=resources,
                created_at=NOW,
                expires_at=NOW + lifetime_s,
            )
            self._world.tokens[row.id] = row
            return row, f"slw_{secrets.token_hex(32)}"

    async def revoke_token(self, id_: str) -> None:
        """Ends it."""
        async with self._guard.use(Action.TOKENS_CREATE, ENGINE):
            self._world.tokens.pop(id_, None)

    async def grants(self, principal: str, page: PageOf) -> Page[GrantRow]:
        """Of one or of all."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        rows = [row for row in self._world.grants.values() if principal in ("", row.principal)]
        return listed(rows, lambda row: (row.id,), page, principal)

    async def grant(self, principal: str, role: str, resource: str, until: float = 0) -> GrantRow:
        """A role."""
        async with self._guard.use(Action.ACCESS_GRANT, ENGINE):
            return self._added("role", principal, role, resource, until)

    async def share(self, principal: str, role: str, resource: str, until: float) -> GrantRow:
        """Raises SLW410 without an end."""
        async with self._guard.use(Action.ACCESS_SHARE, ENGINE):
            if not until:
                raise RefusedError("SLW410", "a share has an end")
            return self._added("share", principal, role, resource, until)

    def _added(self, kind: str, principal: str, role: str, resource: str, until: float) -> GrantRow:
        id_ = f"g{len(self._world.grants) + 1}"
        by = self._guard.caller.principal.id
        row = GrantRow(id=id_, kind=kind, principal=principal, role=role, resource=resource, by=by, at=NOW, until=until)
        self._world.grants[id_] = row
        return row

    async def revoke(self, id_: str) -> None:
        """Takes it back."""
        async with self._guard.use(Action.ACCESS_GRANT, ENGINE):
            if self._world.grants.pop(id_, None) is None:
                raise SluicewayError("SLW907", f"there is no grant {id_}")
