"""A client remembers the last checkpoint that it saw, and is a witness by that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.access.checkpoints import Checkpoints
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from tests.support.signers import Signing
from tests.workers.client.test_audit import Scene, scene
from workers.client.audit import EngineAudit
from workers.client.audit_memory import AuditMemory, Seen, look

__all__ = ["scene"]
EVENT = AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:ann")


@pytest.fixture
def memory(tmp_path: Path) -> AuditMemory:
    return AuditMemory(tmp_path / "config" / "seen.json")


async def test_a_log_that_grows_continues_what_was_seen(scene: Scene, memory: AuditMemory) -> None:
    for size in (20, 21, 22):
        latest, problem = await look(scene.audit, memory, "home")
        assert latest is not None
        assert (latest.size, problem) == (size, "")
        scene.log.record(EVENT)


async def test_a_cut_or_a_rewritten_log_with_its_own_signer_is_found(scene: Scene, memory: AuditMemory) -> None:
    """Whoever has the whole host makes a new key and a new log: the client knows the old ones."""
    await look(scene.audit, memory, "home")
    with scene.parts.database.write() as connection:
        connection.execute(text("delete from audit_entries where seq > 9"))
        connection.execute(text("delete from audit_nodes where (position + 1) * (1 << level) > 10"))
        connection.execute(text("delete from audit_checkpoints"))
    assert (await look(scene.audit, memory, "home"))[1].startswith("this is not the log")
    other = Signing()
    parts = replace(
        scene.parts,
        public=other.client.audit_key(),
        checkpoints=Checkpoints(scene.parts.database, other.client),
    )
    forged = EngineAudit(scene.audit.guard, parts)
    assert "not signed by the key that this client knows" in (await look(forged, memory, "home"))[1]
    assert (await look(forged, memory, "another home"))[1] == ""


async def test_a_log_without_a_checkpoint_is_not_the_one_that_had_one(scene: Scene, memory: AuditMemory) -> None:
    quiet = EngineAudit(scene.audit.guard, replace(scene.parts, checkpoints=None))
    assert await look(quiet, memory, "home") == (None, "")
    memory.remember("home", Seen("k", 7, "r", "n"))
    assert "has seen a checkpoint of 7" in (await look(quiet, memory, "home"))[1]


def test_a_damaged_file_is_no_memory_and_each_log_has_its_own(memory: AuditMemory) -> None:
    memory.remember("one", Seen("k", 1, "r", "n"))
    memory.remember("two", Seen("k", 2, "r", "n"))
    assert (memory.last("one"), memory.last("two")) == (Seen("k", 1, "r", "n"), Seen("k", 2, "r", "n"))
    memory.path.write_text("[" * 10_000)
    assert memory.last("one") is None
