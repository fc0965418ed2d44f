"""Documents that are registered at a server, and its policies of pushes."""

from __future__ import annotations

from dataclasses import asdict

from workers.client.ports.addresses import quoted
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import SignedStep
from workers.client.ports.registrations import Applied, AskedPush, Prepared, PushExplanation, PushPolicy, PushPolicyRow
from workers.remote.connection import Connection


class RemoteRegistrations:
    """`Registrations` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def prepare(self, text: str) -> Prepared:
        """See `Registrations`."""
        return await self._server.post("/documents/prepared", Prepared, {"text": text})

    async def apply(self, text: str, signed: SignedStep | None = None) -> Applied:
        """See `Registrations`."""
        return await self._server.post("/documents", Applied, {"text": text, "signed": _plain(signed)})

    async def push_policies(self, page: PageOf) -> Page[PushPolicyRow]:
        """See `Registrations`."""
        return await self._server.get("/push-policies", Page[PushPolicyRow], asdict(page))

    async def push_policy(self, name: str) -> PushPolicy:
        """See `Registrations`."""
        return await self._server.get(f"/push-policies/{quoted(name)}", PushPolicy)

    async def end_policy(self, name: str, signed: SignedStep | None = None) -> Applied:
        """See `Registrations`."""
        return await self._server.post(f"/push-policies/{quoted(name)}/end", Applied, {"signed": _plain(signed)})

    async def explain_push(self, push: AskedPush) -> PushExplanation:
        """See `Registrations`."""
        return await self._server.get("/explained-pushes", PushExplanation, asdict(push))


def _plain(signed: SignedStep | None) -> dict[str, object] | None:
    return asdict(signed) if signed else None
