"""Definitions, checked and planned by a server."""

from __future__ import annotations

from workers.client.ports.definitions import Planned, Remark
from workers.remote.connection import Connection


class RemoteDefinitions:
    """`Definitions` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def lint(self, text: str) -> tuple[Remark, ...]:
        """See `Definitions`."""
        return await self._server.post("/definitions/lint", tuple[Remark, ...], {"text": text})

    async def plan(self, text: str, branch: str = "main") -> Planned:
        """See `Definitions`."""
        return await self._server.post("/definitions/plan", Planned, {"text": text, "branch": branch})
