"""An audit in memory: rows without proofs that hold."""

from __future__ import annotations

from domain.access.actions import Action
from domain.access.resource import ENGINE
from domain.core.errors import RefusedError
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.ports.audit import MOST_EXPORTED, AuditCheck, AuditFilter, AuditRow, Checkpoint, Proof
from workers.client.ports.pages import Page, PageOf

ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""SHA-256 of nothing."""


class MemoryAudit:
    """Implements `Audit`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def query(self, which: AuditFilter, page: PageOf) -> Page[AuditRow]:
        """Newest first."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        rows = [row for row in self._world.audit if _matches(row, which)]
        return listed(rows, lambda row: (row.seq,), page, repr(which), newest_first=True)

    async def prove(self, seq: int) -> Proof:
        """Raises SLW907 for an entry that does not exist."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        if not 0 <= seq < len(self._world.audit):
            raise RefusedError("SLW483", f"the audit has no entry {seq}")
        row = self._world.audit[seq]
        return Proof(row=row, leaf=repr(row), hashes=(ROOT,), checkpoint=await self.checkpoint())

    async def checkpoint(self) -> Checkpoint:
        """Of all rows."""
        size = len(self._world.audit)
        return Checkpoint(size=size, root=ROOT, note=f"sluiceway\n{size}\n{ROOT}\n", at=NOW)

    async def consistency(self, old_size: int, size: int) -> tuple[str, ...]:
        """One hash."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        return (ROOT,)

    async def verify(self) -> AuditCheck:
        """Nothing is wrong with it."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        size = len(self._world.audit)
        return AuditCheck(size=size, signed=size, checkpoint=await self.checkpoint())

    async def export(self, which: AuditFilter, first: int = 0, limit: int = MOST_EXPORTED) -> tuple[AuditRow, ...]:
        """Oldest first."""
        self._guard.need(Action.AUDIT_EXPORT, ENGINE)
        return tuple(row for row in self._world.audit if row.seq >= first and _matches(row, which))[:limit]


def _matches(row: AuditRow, which: AuditFilter) -> bool:
    wanted = ((which.actor, row.actor), (which.action, row.action), (which.resource, row.resource))
    exact = all(want in ("", has) for want, has in (*wanted, (which.outcome, row.outcome)))
    return exact and which.since <= row.at and (not which.until or row.at < which.until)
