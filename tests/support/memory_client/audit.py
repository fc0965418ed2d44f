"""An audit in memory, with proofs that hold: what pages verify in a browser is what the engine would give."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.access import merkle
from domain.access.actions import Action
from domain.access.audit import AuditEntry, AuditEvent, AuditKind, AuditOutcome, leaf_of
from domain.access.checkpoint import TreeHead, note_of, origin_of, verifier_key
from domain.access.resource import ENGINE
from domain.core.errors import RefusedError
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.ports.audit import MOST_EXPORTED, AuditCheck, AuditFilter, AuditRow, Checkpoint, Proof
from workers.client.ports.pages import Page, PageOf

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


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
        """Raises SLW483 for an entry that does not exist."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        if not 0 <= seq < len(self._world.audit):
            raise RefusedError("SLW483", f"the audit has no entry {seq}")
        leaves = self._leaves()
        hashes = merkle.inclusion(_nodes(leaves), seq, len(leaves))
        checkpoint = await self.checkpoint()
        return Proof(
            row=self._world.audit[seq], leaf=leaves[seq].decode(), hashes=_texts(hashes), checkpoint=checkpoint
        )

    async def checkpoint(self) -> Checkpoint:
        """Of all rows."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        leaves = self._leaves()
        head = TreeHead(origin_of(PUBLIC), len(leaves), merkle.root(_nodes(leaves), len(leaves)))
        note = note_of(head, PUBLIC, KEY.sign(head.text().encode()))
        root = base64.b64encode(head.root).decode()
        return Checkpoint(size=head.size, root=root, note=note, at=NOW, key=verifier_key(PUBLIC))

    async def consistency(self, old_size: int, size: int) -> tuple[str, ...]:
        """Between two sizes."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        leaves = self._leaves()
        if not 0 <= old_size <= size <= len(leaves):
            raise RefusedError("SLW483", f"the log has {len(leaves)} entries")
        return _texts(merkle.consistency(_nodes(leaves), old_size, size))

    async def verify(self) -> AuditCheck:
        """Nothing is wrong with it."""
        self._guard.need(Action.AUDIT_READ, ENGINE)
        size = len(self._world.audit)
        witnesses = {"the signer": size, "the object store": size}
        return AuditCheck(size=size, signed=size, checkpoint=await self.checkpoint(), witnesses=witnesses)

    async def export(self, which: AuditFilter, first: int = 0, limit: int = MOST_EXPORTED) -> tuple[AuditRow, ...]:
        """Oldest first."""
        self._guard.need(Action.AUDIT_EXPORT, ENGINE)
        return tuple(row for row in self._world.audit if row.seq >= first and _matches(row, which))[:limit]

    def _leaves(self) -> list[bytes]:
        return [leaf_of(_entry(row)) for row in self._world.audit]


def _entry(row: AuditRow) -> AuditEntry:
    event = AuditEvent(
        kind=AuditKind(row.kind),
        outcome=AuditOutcome(row.outcome),
        actor=row.actor,
        action=row.action,
        resource=row.resource,
        rule=row.rule,
        details=row.details,
    )
    return AuditEntry(row.seq, int(row.at * 1000), event)


def _nodes(leaves: Sequence[bytes]) -> merkle.NodeAt:
    nodes: dict[tuple[int, int], bytes] = {}

    def at(level: int, position: int) -> bytes:
        return nodes[level, position]

    for seq, leaf in enumerate(leaves):
        nodes |= {(a, b): c for a, b, c in merkle.completed(at, seq, merkle.leaf_hash(leaf))}
    return at


def _texts(hashes: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(one).decode() for one in hashes)


def _matches(row: AuditRow, which: AuditFilter) -> bool:
    wanted = ((which.actor, row.actor), (which.action, row.action), (which.resource, row.resource))
    exact = all(want in ("", has) for want, has in (*wanted, (which.outcome, row.outcome), (which.kind, row.kind)))
    return exact and which.since <= row.at and (not which.until or row.at < which.until)
