"""The audit of a server. Proofs are checked here: a server that is asked about itself is no witness."""

from __future__ import annotations

from dataclasses import asdict

from workers.client.ports.audit import MOST_EXPORTED, AuditCheck, AuditFilter, AuditRow, Checkpoint, Proof
from workers.client.ports.pages import Page, PageOf
from workers.remote.connection import Connection


class RemoteAudit:
    """`Audit` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def query(self, which: AuditFilter, page: PageOf) -> Page[AuditRow]:
        """See `Audit`."""
        return await self._server.get("/audit", Page[AuditRow], asdict(which) | asdict(page))

    async def prove(self, seq: int) -> Proof:
        """See `Audit`."""
        return await self._server.get(f"/audit/{seq}/proof", Proof)

    async def checkpoint(self) -> Checkpoint:
        """See `Audit`."""
        return await self._server.get("/audit/checkpoint", Checkpoint)

    async def consistency(self, old_size: int, size: int) -> tuple[str, ...]:
        """See `Audit`."""
        return await self._server.get("/audit/consistency", tuple[str, ...], {"old_size": old_size, "size": size})

    async def verify(self) -> AuditCheck:
        """See `Audit`."""
        return await self._server.get("/audit/check", AuditCheck)

    async def export(self, which: AuditFilter, first: int = 0, limit: int = MOST_EXPORTED) -> tuple[AuditRow, ...]:
        """See `Audit`."""
        asked = asdict(which) | {"first": first, "limit": limit}
        return await self._server.get("/audit/export", tuple[AuditRow, ...], asked)
