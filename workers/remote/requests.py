"""Requests to clusters, of a server."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain.inventory.request_plan import RequestPlan
from workers.client.ports.addresses import segment
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.requests import RequestDetails, RequestFilter, RequestRow, Wish
from workers.remote.connection import Connection
from workers.remote.made import Made, Said


class RemoteRequests:
    """`Requests` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def plan(self, wish: Wish) -> RequestPlan:
        """See `Requests`."""
        return await self._server.post("/requests/plans", RequestPlan, _body(wish))

    async def apply(self, wish: Wish, key: str = "") -> str:
        """See `Requests`."""
        return (await self._server.post("/requests", Made, _body(wish), key=key)).id

    async def list(self, filter: RequestFilter, page: PageOf) -> Page[RequestRow]:
        """See `Requests`."""
        return await self._server.get("/requests", Page[RequestRow], {**asdict(filter), **asdict(page)})

    async def show(self, id_: str) -> RequestDetails:
        """See `Requests`."""
        return await self._server.get(f"/requests/{segment(id_, 'request')}", RequestDetails)

    async def cancel(self, id_: str, reason: str, key: str = "") -> str:
        """See `Requests`."""
        path = f"/requests/{segment(id_, 'request')}/cancel"
        return (await self._server.post(path, Said, {"reason": reason}, key=key)).text


def _body(wish: Wish) -> dict[str, Any]:
    return {**asdict(wish), "values": dict(wish.values)}
