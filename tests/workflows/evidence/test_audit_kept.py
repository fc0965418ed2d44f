"""What the store keeps for the audit outlives every collection, also when the records no longer name it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from activities.access.checkpoints import Checkpoints
from activities.evidence.garbage_collector import Collector
from activities.storage.stores.folder import FolderStore
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from tests.support.signers import Signing
from workers.core.records import Records


def test_a_checkpoint_is_kept_whatever_the_records_say_and_a_recording_while_its_entry_stands(tmp_path: Path) -> None:
    records, store, signing = Records.at(tmp_path / "records.db"), FolderStore(tmp_path / "store"), Signing()
    recording, other = store.put(b"a session"), store.put(b"x" * 235)
    event = AuditEvent(
        kind=AuditKind.EXEC, outcome=AuditOutcome.DONE, actor="person:ann", details={"recording": recording}
    )
    records.audit.record(event)
    made = Checkpoints(records.database, signing.client).make()
    assert made is not None
    note = store.put(made.note.encode())
    collector = Collector(records, store, tmp_path / "jobs", grace_s=-1)

    collector.run()
    assert [store.has(one) for one in (recording, note, other)] == [True, True, False]
    with records.database.write() as connection:
        connection.execute(text("delete from audit_checkpoints"))
    collector.run()
    assert store.has(note)
