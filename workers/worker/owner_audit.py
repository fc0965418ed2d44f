"""The audit of a home for its owner, in this process: with or without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workers.client.audit import EngineAudit
from workers.client.audit_parts import audit_parts
from workers.client.client import Engine, connect
from workers.client.owner_guard import owner_guard
from workers.core.records import open_records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects


@contextmanager
def owner_audit(settings: Settings) -> Iterator[EngineAudit]:
    """Raises:
    SluicewayError: SLW806 or SLW807, the records cannot be used; SLW017, the signer's public keys cannot be read.
    """
    records = open_records(settings)

    async def engine() -> Engine:
        return await connect(settings)

    try:
        parts = audit_parts(settings, records, open_objects(settings), engine)
        yield EngineAudit(owner_guard(records.audit), parts)
    finally:
        records.close()
