"""The audit of an engine, for one caller: queries, proofs, checks and exports, each behind the guard."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from activities.access.audit_queries import AuditQueries, Sought, Unreadable
from activities.access.audit_store import AuditStore, damaged
from activities.access.audit_verification import verify_all
from activities.access.checkpoints import Checkpoints, CheckpointTable, StoredCheckpoint
from activities.storage.database import Database
from domain.access import merkle
from domain.access.actions import Action
from domain.access.audit import AuditEntry, AuditKind, AuditOutcome, Recorder, event_of, leaf_of
from domain.access.checkpoint import verifier_key
from domain.access.resource import ENGINE
from domain.access.verdict import Verdict
from domain.access.verification import Mark
from domain.core.documents import Manifest
from domain.core.errors import RefusedError, SluicewayError
from workers.client.guard import Guard, needed
from workers.client.paging import after_of, limit_of, next_of
from workers.client.ports.audit import (
    MOST_EXPORTED,
    UNREADABLE,
    Audit,
    AuditCheck,
    AuditFilter,
    AuditRow,
    Checkpoint,
    Proof,
)
from workers.client.ports.pages import Page, PageOf

Witnesses = Callable[[], Awaitable[Sequence[Mark]]]
"""What is kept of the log elsewhere: by the signer, the store, Temporal."""
NEEDS_ENGINE = "SLW010"


@dataclass(frozen=True)
class AuditParts:
    """What the audit of an engine is made of; one for all callers."""

    database: Database
    recorder: Recorder
    public: bytes
    """32 bytes of the signer's ed25519 key; empty: this home has signed nothing yet."""
    witnesses: Witnesses
    checkpoints: Checkpoints | None = None
    """None: nobody signs here, and the checkpoints that are there are all there is."""
    untold: Callable[[], Sequence[str]] = tuple
    """What the database says of rights that the signer was never told, in sentences."""
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One check of everything at a time: it reads the whole log."""


@dataclass(frozen=True)
class EngineAudit(Audit):
    """For one caller."""

    guard: Guard
    parts: AuditParts

    async def query(self, which: AuditFilter, page: PageOf) -> Page[AuditRow]:
        """Newest first."""
        await needed(self.guard, Action.AUDIT_READ, ENGINE)
        limit, sought = limit_of(page), _sought(which)
        key = after_of(page, (int,), "audit", repr(sought))
        queries = AuditQueries(self.parts.database)
        found = await asyncio.to_thread(queries.newest, sought, int(key[0]) if key else None, limit + 1)
        more = next_of((found[limit - 1].seq,), "audit", repr(sought)) if len(found) > limit else ""
        return Page(tuple(map(row_of, found[:limit])), more)

    async def prove(self, seq: int) -> Proof:
        """The proof of one entry under the latest checkpoint."""
        await needed(self.guard, Action.AUDIT_READ, ENGINE)
        return await asyncio.to_thread(self._prove, seq)

    async def checkpoint(self) -> Checkpoint:
        """The latest one; one is made where the signer answers and something is new."""
        await needed(self.guard, Action.AUDIT_READ, ENGINE)
        return self._told(await asyncio.to_thread(self._latest))

    async def consistency(self, old_size: int, size: int) -> tuple[str, ...]:
        """Between two sizes of the log."""
        await needed(self.guard, Action.AUDIT_READ, ENGINE)
        return await asyncio.to_thread(self._consistency, old_size, size)

    async def verify(self) -> AuditCheck:
        """Looks at everything."""
        await needed(self.guard, Action.AUDIT_READ, ENGINE)
        async with self.parts.checking:
            marks = await self.parts.witnesses()
            return await asyncio.to_thread(self._verify, marks)

    async def export(self, which: AuditFilter, first: int = 0, limit: int = MOST_EXPORTED) -> tuple[AuditRow, ...]:
        """Oldest first; it is recorded before it is given."""
        verdict = await needed(self.guard, Action.AUDIT_EXPORT, ENGINE)
        return await asyncio.to_thread(self._export, which, max(first, 0), min(max(limit, 1), MOST_EXPORTED), verdict)

    # -- in a thread ------------------------------------------------------------------------------------------------

    def _latest(self) -> StoredCheckpoint:
        found = None
        if self.parts.checkpoints is not None:
            try:
                found = self.parts.checkpoints.make()
            except SluicewayError as away:
                if away.code != NEEDS_ENGINE:
                    raise
        found = found or CheckpointTable(self.parts.database).newest()
        if found is None:
            raise RefusedError("SLW483", "there is no checkpoint yet", fix="sluiceway up")
        return found

    def _told(self, one: StoredCheckpoint) -> Checkpoint:
        key = verifier_key(self.parts.public) if self.parts.public else ""
        return Checkpoint(size=one.size, root=one.root, note=one.note, at=one.at, key=key)

    def _prove(self, seq: int) -> Proof:
        newest = CheckpointTable(self.parts.database).newest()
        covered = newest is not None and newest.size > seq
        checkpoint = self._latest() if newest is None or not covered else newest
        entry = AuditQueries(self.parts.database).one(seq) if seq < checkpoint.size else None  # or no database's number
        if entry is None:
            raise RefusedError("SLW483", f"no checkpoint covers an entry {seq}")
        try:
            with AuditStore(self.parts.database).reading() as at:
                hashes = merkle.inclusion(at, seq, checkpoint.size)
        except LookupError as missing:
            raise damaged(str(missing)) from missing
        return Proof(
            row=row_of(entry), leaf=leaf_of(entry).decode(), hashes=_texts(hashes), checkpoint=self._told(checkpoint)
        )

    def _consistency(self, old: int, size: int) -> tuple[str, ...]:
        store = AuditStore(self.parts.database)
        if not 0 <= old <= size <= store.size():
            raise RefusedError("SLW483", f"the log has {store.size()} entries, not {max(old, size)}")
        try:
            with store.reading() as at:
                return _texts(merkle.consistency(at, old, size))
        except LookupError as missing:
            raise damaged(str(missing)) from missing

    def _export(self, which: AuditFilter, first: int, limit: int, verdict: Verdict) -> tuple[AuditRow, ...]:
        found = AuditQueries(self.parts.database).oldest(_sought(which), first, limit)
        mine = (AuditKind.EXPORT, self.guard.caller.principal.id)
        if all((one.event.kind, one.event.actor) == mine for one in found):
            return ()
        asked: Manifest = {name: one for name, one in vars(which).items() if one}
        event = event_of(
            self.guard.caller,
            AuditKind.EXPORT,
            AuditOutcome.ALLOWED,
            action=Action.AUDIT_EXPORT,
            resource=ENGINE.id,
            rule=verdict.rule,
            policy_digest=verdict.policy_digest,
            details={"from": found[0].seq, "to": found[-1].seq, "entries": len(found), **asked},
        )
        self.parts.recorder.record(event)
        return tuple(map(row_of, found))

    def _verify(self, marks: Sequence[Mark]) -> AuditCheck:
        problem, latest = "", None
        try:
            latest = self._told(self._latest())
        except SluicewayError as broken:
            problem = "" if broken.code == "SLW483" else f"{broken.what}: {broken.why}"
        found = verify_all(self.parts.database, self.parts.public, marks)
        seen: dict[str, int] = {}
        for one in marks:
            seen[one.witness] = max(one.size, seen.get(one.witness, 0))
        problems = tuple(one for one in (problem, *found.problems, *self.parts.untold()) if one)
        signed = min(latest.size, found.size) if latest else 0
        return AuditCheck(size=found.size, signed=signed, problems=problems, witnesses=seen, checkpoint=latest)


def row_of(entry: AuditEntry) -> AuditRow:
    """An entry as clients get it; of one that was changed, that it was."""
    if isinstance(entry, Unreadable):
        return AuditRow(seq=entry.seq, at=entry.at_ms / 1000, kind=UNREADABLE, actor="", outcome=AuditOutcome.FAILED)
    event = entry.event
    texts = {name: str(getattr(event, name)) for name in ROW_TEXTS}
    return AuditRow(seq=entry.seq, at=entry.at_ms / 1000, **texts, details=event.details)


ROW_TEXTS = (
    *("kind", "actor", "on_behalf_of", "action", "resource", "outcome", "rule", "policy_digest", "session"),
    *("address", "request", "channel"),
)


def _sought(which: AuditFilter) -> Sought:
    return Sought(
        kind=which.kind,
        actor=which.actor,
        action=which.action,
        resource=which.resource,
        outcome=which.outcome,
        since_ms=_ms(which.since),
        until_ms=_ms(which.until),
    )


def _ms(seconds: float) -> int:
    """At most the year 5138: a stranger's number."""
    return int(min(max(seconds, 0), 1e11) * 1000)


def _texts(hashes: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(one).decode() for one in hashes)
