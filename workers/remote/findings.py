"""Findings of a server."""

from __future__ import annotations

from dataclasses import asdict

from workers.client.ports.addresses import segment
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf
from workers.remote.connection import Connection


class RemoteFindings:
    """`Findings` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """See `Findings`."""
        path = f"/runs/{segment(run, 'run')}/findings"
        return await self._server.get(path, Page[FindingRow], asdict(which) | asdict(page))

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """See `Findings`."""
        return await self._server.get("/findings", Page[FindingRow], asdict(which) | asdict(page))
