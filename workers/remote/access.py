"""People, keys, sessions, tokens and rights of a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from domain.access.actions import Action
from domain.access.resource import Resource
from domain.access.verdict import Verdict
from workers.client.ports.access import GrantRow, PersonRow, SessionRow, TokenRow
from workers.client.ports.addresses import quoted
from workers.client.ports.pages import Page, PageOf
from workers.remote.connection import Connection, Query
from workers.remote.made import NewToken


class RemoteAccess:
    """`Access` over HTTP. A resource is named by kind and name; the server knows what is above it."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def can(self, action: Action, resource: Resource, principal: str = "") -> Verdict:
        """See `Access`."""
        return await self._server.get("/access/can", Verdict, {**_asked(action, resource), "principal": principal})

    async def can_each(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """See `Access`. One question after the other: a client far away has no page with many buttons."""
        return tuple([await self.can(action, resource) for action, resource in pairs])

    async def who_can(self, action: Action, resource: Resource, page: PageOf) -> Page[Verdict]:
        """See `Access`."""
        return await self._server.get("/access/who-can", Page[Verdict], {**_asked(action, resource), **asdict(page)})

    async def people(self, page: PageOf) -> Page[PersonRow]:
        """See `Access`."""
        return await self._server.get("/people", Page[PersonRow], asdict(page))

    async def set_disabled(self, person: str, disabled: bool) -> None:
        """See `Access`."""
        await self._server.post(f"/people/{quoted(person)}/disabled", type(None), {"disabled": disabled})

    async def sessions(self, person: str = "") -> tuple[SessionRow, ...]:
        """See `Access`."""
        return await self._server.get("/sessions", tuple[SessionRow, ...], {"person": person})

    async def end_session(self, id_: str) -> None:
        """See `Access`."""
        await self._server.delete(f"/sessions/{quoted(id_)}")

    async def tokens(self, page: PageOf) -> Page[TokenRow]:
        """See `Access`."""
        return await self._server.get("/tokens", Page[TokenRow], asdict(page))

    async def create_token(
        self, label: str, actions: tuple[str, ...], resources: tuple[str, ...], lifetime_s: float
    ) -> tuple[TokenRow, str]:
        """See `Access`."""
        body = {"label": label, "actions": actions, "resources": resources, "lifetime_s": lifetime_s}
        made = await self._server.post("/tokens", NewToken, body)
        return made.token, made.secret

    async def revoke_token(self, id_: str) -> None:
        """See `Access`."""
        await self._server.delete(f"/tokens/{quoted(id_)}")

    async def grants(self, principal: str, page: PageOf) -> Page[GrantRow]:
        """See `Access`."""
        return await self._server.get("/grants", Page[GrantRow], {"principal": principal, **asdict(page)})

    async def grant(self, principal: str, role: str, resource: str, until: float = 0) -> GrantRow:
        """See `Access`."""
        return await self._given("/grants", principal, role, resource, until)

    async def share(self, principal: str, role: str, resource: str, until: float) -> GrantRow:
        """See `Access`."""
        return await self._given("/shares", principal, role, resource, until)

    async def _given(self, path: str, principal: str, role: str, resource: str, until: float) -> GrantRow:
        body = {"principal": principal, "role": role, "resource": resource, "until": until}
        return await self._server.post(path, GrantRow, body)

    async def revoke(self, id_: str) -> None:
        """See `Access`."""
        await self._server.delete(f"/grants/{quoted(id_)}")


def _asked(action: Action, resource: Resource) -> Query:
    return {"action": action.value, "kind": resource.kind.value, "name": resource.name}
