"""A witness of the audit that takes checkpoints, and refuses one of another log."""

from __future__ import annotations

import asyncio

from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from tests.support.lab import Lab
from workers.client import audit_witness
from workers.worker.checkpointing import Checkpointing
from workflows.access.messages import AUDIT_ID, NewHead


async def witnessed(lab: Lab) -> dict[str, str]:
    """Two checkpoints, and a forged one."""
    told = Checkpointing(lab.wired.checkpoints, lab.wired.store, lab.engine.client, queue=lab.engine.queue)
    for count in (3, 2):
        for _ in range(count):
            event = AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:ann")
            lab.records.audit.record(event)
        await asyncio.to_thread(lab.wired.checkpoints.make)
        await told.look()

    async def forged(old: int) -> NewHead:
        return NewHead(9, "A" * 43 + "=", "forged", old)

    await audit_witness.shown(lab.engine.client, forged, lab.engine.queue)
    return {"audit-witness": AUDIT_ID}
