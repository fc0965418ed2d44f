"""Releases, environments and queues of a server."""

from __future__ import annotations

from dataclasses import asdict

from workers.client.ports.addresses import quoted, segment
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import EnvironmentRow, LiveRow, QueueRow, ReleaseDetails, ReleaseRow
from workers.remote.connection import Connection
from workers.remote.made import Made, Said


class RemoteReleases:
    """`Releases` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def list(self, service: str, environment: str, page: PageOf) -> Page[ReleaseRow]:
        """See `Releases`."""
        query = {"service": service, "environment": environment, **asdict(page)}
        return await self._server.get("/releases", Page[ReleaseRow], query)

    async def show(self, id_: str) -> ReleaseDetails:
        """See `Releases`."""
        return await self._server.get(f"/releases/{segment(id_, 'release')}", ReleaseDetails)

    async def steer(self, id_: str, verb: str, reason: str, key: str = "") -> str:
        """See `Releases`."""
        path = f"/releases/{segment(id_, 'release')}/{quoted(verb)}"
        return (await self._server.post(path, Said, {"reason": reason}, key=key)).text

    async def rollback(self, environment: str, service: str, key: str = "") -> str:
        """See `Releases`."""
        path = f"/environments/{quoted(environment)}/rollback"
        return (await self._server.post(path, Made, {"service": service}, key=key)).id

    async def environments(self, page: PageOf) -> Page[EnvironmentRow]:
        """See `Releases`."""
        return await self._server.get("/environments", Page[EnvironmentRow], asdict(page))

    async def environment(self, name: str) -> EnvironmentRow:
        """See `Releases`."""
        return await self._server.get(f"/environments/{quoted(name)}", EnvironmentRow)

    async def live(self, environment: str, service: str, page: PageOf) -> Page[LiveRow]:
        """See `Releases`."""
        query = {"environment": environment, "service": service, **asdict(page)}
        return await self._server.get("/live", Page[LiveRow], query)

    async def queues(self, page: PageOf) -> Page[QueueRow]:
        """See `Releases`."""
        return await self._server.get("/queues", Page[QueueRow], asdict(page))
