"""Whatever somebody with the whole database does to the audit, a check finds it."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Connection, text

from activities.access.audit_log import AuditLog
from activities.access.audit_store import AuditStore
from activities.access.audit_verification import verify_all
from activities.access.checkpoints import Checkpoints
from activities.authority.port import CheckpointSigner
from activities.storage.database import Database
from activities.storage.opening import open_database
from domain.access.audit import AuditEntry, AuditEvent, AuditKind, AuditOutcome, entry_of
from domain.access.checkpoint import Growth, read_note
from domain.access.merkle import Growing, leaf_hash
from domain.access.signed_note import verified
from domain.access.verification import Mark
from domain.core.errors import RefusedError, SluicewayError
from tests.support.signers import Signing

SIZE = 40
FEW, MANY = 60, 1_000


class Scene:
    """A log with checkpoints, the last of which covers all of it."""

    def __init__(self, folder: Path) -> None:
        self.database, self.signing = open_database(folder / "records.db"), Signing()
        self.log = AuditLog(self.database)
        self.checkpoints = Checkpoints(self.database, self.signing.client)
        self.public = self.signing.client.audit_key()
        for number in range(SIZE):
            self.log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor=f"person:{number}"))
            if number % 13 == 12:
                self.checkpoints.make()
        self.checkpoints.make()

    def problems(self, *kept: Mark) -> tuple[str, ...]:
        return verify_all(self.database, self.public, kept).problems

    def rows(self) -> dict[str, list[dict[str, object]]]:
        return {name: [dict(row) for row in self.database.rows(f"select * from {name}")] for name in TABLES}

    def put(self, rows: dict[str, list[dict[str, object]]]) -> None:
        with self.database.write() as connection:
            for name, every in rows.items():
                connection.exec_driver_sql(f"delete from {name}")
                for row in every:
                    marks = ", ".join(f":{column}" for column in row)
                    connection.execute(text(f"insert into {name} ({', '.join(row)}) values ({marks})"), row)


TABLES = ("audit_entries", "audit_nodes", "audit_checkpoints")
Harm = Callable[[Connection, random.Random], None]


def sql(connection: Connection, statement: str, **values: object) -> None:
    assert connection.execute(text(statement), values).rowcount


def forged(connection: Connection, seq: int, actor: str = "person:mallory") -> None:
    """Another body with its columns right."""
    body = connection.execute(text("select body from audit_entries where seq = :seq"), {"seq": seq}).scalar_one()
    entry = entry_of(str(body).encode())
    sql(connection, "delete from audit_entries where seq = :seq", seq=seq)
    event = AuditEvent(kind=entry.event.kind, outcome=entry.event.outcome, actor=actor)
    AuditStore.add_entry(connection, AuditEntry(seq, entry.at_ms, event))


def recomputed(connection: Connection) -> None:
    """The tree that the entries have now."""
    connection.exec_driver_sql("delete from audit_nodes")
    tree = Growing()
    bodies = connection.exec_driver_sql("select body from audit_entries order by seq").scalars().all()
    for seq, body in enumerate(bodies):
        hashed = leaf_hash(str(body).encode())
        for level, position, node in [(0, seq, hashed), *tree.add(hashed)]:
            row = {"level": level, "position": position, "hash": node}
            connection.execute(text("insert into audit_nodes values (:level, :position, :hash)"), row)


def edit(connection: Connection, chance: random.Random) -> None:
    forged(connection, chance.randrange(SIZE))


def edit_and_hash(connection: Connection, chance: random.Random) -> None:
    seq = chance.randrange(SIZE)
    forged(connection, seq)
    body = connection.execute(text("select body from audit_entries where seq = :seq"), {"seq": seq}).scalar_one()
    hashed = leaf_hash(str(body).encode())
    sql(connection, "update audit_nodes set hash = :hash where level = 0 and position = :seq", hash=hashed, seq=seq)


def edit_and_recompute(connection: Connection, chance: random.Random) -> None:
    edit(connection, chance)
    recomputed(connection)


def edit_a_column(connection: Connection, chance: random.Random) -> None:
    column = chance.choice(["kind", "outcome", "actor", "action", "resource", "on_behalf_of"])
    sql(connection, f"update audit_entries set {column} = 'x' where seq = :seq", seq=chance.randrange(SIZE))


def edit_a_byte(connection: Connection, chance: random.Random) -> None:
    seq = chance.randrange(SIZE)
    body = connection.execute(text("select body from audit_entries where seq = :seq"), {"seq": seq}).scalar_one()
    at = chance.randrange(len(body))
    changed = f"{body[:at]}{chr(ord(body[at]) ^ 1)}{body[at + 1 :]}"
    sql(connection, "update audit_entries set body = :body where seq = :seq", body=changed, seq=seq)


def delete(connection: Connection, chance: random.Random) -> None:
    sql(connection, "delete from audit_entries where seq = :seq", seq=chance.randrange(SIZE))


def delete_and_close_up(connection: Connection, chance: random.Random) -> None:
    """Every entry after it gets the number before, in its bytes too."""
    gone = chance.randrange(SIZE - 1)
    rows = connection.exec_driver_sql("select body from audit_entries order by seq").scalars().all()
    kept = [entry_of(str(body).encode()) for body in rows]
    connection.exec_driver_sql("delete from audit_entries")
    for seq, one in enumerate([*kept[:gone], *kept[gone + 1 :]]):
        AuditStore.add_entry(connection, AuditEntry(seq, one.at_ms, one.event))
    recomputed(connection)


def insert(connection: Connection, chance: random.Random) -> None:
    at = chance.randrange(SIZE)
    rows = connection.exec_driver_sql("select body from audit_entries order by seq").scalars().all()
    kept = [entry_of(str(body).encode()) for body in rows]
    new = AuditEntry(0, kept[at].at_ms, AuditEvent(kind=AuditKind.GRANT, outcome=AuditOutcome.DONE, actor="person:eve"))
    connection.exec_driver_sql("delete from audit_entries")
    for seq, one in enumerate([*kept[:at], new, *kept[at:]]):
        AuditStore.add_entry(connection, AuditEntry(seq, one.at_ms, one.event))
    recomputed(connection)


def swap(connection: Connection, chance: random.Random) -> None:
    one, other = chance.sample(range(SIZE), 2)
    rows: dict[int, str] = dict(connection.exec_driver_sql("select seq, body from audit_entries").all())
    events = {seq: entry_of(rows[seq].encode()) for seq in (one, other)}
    for seq, source in ((one, other), (other, one)):
        sql(connection, "delete from audit_entries where seq = :seq", seq=seq)
        AuditStore.add_entry(connection, AuditEntry(seq, events[seq].at_ms, events[source].event))
    if chance.random() < 0.5:
        recomputed(connection)


def cut(connection: Connection, chance: random.Random) -> None:
    """The end, with its tree; half the time with the checkpoints that cover it."""
    left = chance.randrange(1, SIZE)
    sql(connection, "delete from audit_entries where seq >= :left", left=left)
    recomputed(connection)
    if chance.random() < 0.5:
        connection.execute(text("delete from audit_checkpoints where size > :left"), {"left": left})


def change_a_checkpoint(connection: Connection, chance: random.Random) -> None:
    sizes = connection.exec_driver_sql("select size from audit_checkpoints").scalars().all()
    size = chance.choice(list(sizes))
    root = base64.b64encode(chance.randbytes(32)).decode()
    if chance.random() < 0.5:
        sql(connection, "update audit_checkpoints set root = :root where size = :size", root=root, size=size)
    else:
        change = "replace(note, substr(note, 44, 20), :root)"
        sql(connection, f"update audit_checkpoints set note = {change} where size = :size", root=root[:20], size=size)


def change_a_node(connection: Connection, chance: random.Random) -> None:
    rows = connection.exec_driver_sql("select level, position from audit_nodes").all()
    level, position = chance.choice(list(rows))
    where = "where level = :level and position = :position"
    values = {"level": level, "position": position, "hash": chance.randbytes(32)}
    sql(connection, f"update audit_nodes set hash = :hash {where}", **values)


HARMS: tuple[Harm, ...] = (
    *(edit, edit_and_hash, edit_and_recompute, edit_a_column, edit_a_byte, delete, delete_and_close_up, insert),
    *(swap, cut, change_a_checkpoint, change_a_node),
)


def tampered(folder: Path, times: int) -> list[str]:
    """Names of what was not found."""
    scene, chance, missed = Scene(folder), random.Random(times), []
    whole = scene.rows()
    witness = Mark("the signer", SIZE, read_note(scene.signing.client.checkpointed()).head.root)
    assert scene.problems(witness) == ()
    for time in range(times):
        harm = HARMS[time % len(HARMS)]
        with scene.database.write() as connection:
            harm(connection, chance)
        if not scene.problems(witness):
            missed.append(harm.__name__)
        scene.put(whole)
    return missed


def test_every_tampering_is_found(tmp_path: Path) -> None:
    assert tampered(tmp_path, FEW) == []


@pytest.mark.system
def test_every_one_of_a_thousand_tamperings_is_found(tmp_path: Path) -> None:
    assert tampered(tmp_path, MANY) == []


def test_the_signer_signs_no_log_that_lost_what_it_has_signed(tmp_path: Path) -> None:
    scene, chance = Scene(tmp_path), random.Random(1)
    with scene.database.write() as connection:
        edit_and_recompute(connection, chance)
    scene.log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:x"))
    with pytest.raises(RefusedError, match="SLW482"):
        scene.checkpoints.make()
    with scene.database.write() as connection:
        connection.exec_driver_sql("delete from audit_entries where seq > 5")
        recomputed(connection)
    with pytest.raises(RefusedError, match="SLW482"):
        scene.checkpoints.make()


def test_a_signer_that_restarts_knows_what_it_has_signed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    note = scene.signing.client.checkpointed()
    scene.signing.open()
    assert scene.signing.client.checkpointed() == note


def test_a_note_of_another_key_is_no_checkpoint(tmp_path: Path) -> None:
    scene, other = Scene(tmp_path), Signing()
    newest = scene.checkpoints.table.newest()
    assert newest is not None
    with pytest.raises(SluicewayError, match="SLW481"):
        verified(newest.note, other.client.audit_key())


def test_checkpoints_come_each_minute_and_each_thousand_entries(tmp_path: Path) -> None:
    now = [1_000.0]
    signing = Signing()
    database: Database = open_database(tmp_path / "records.db")
    log = AuditLog(database, lambda: now[0])
    checkpoints = Checkpoints(database, signing.client, lambda: now[0])
    assert not checkpoints.due()
    assert checkpoints.make() is None
    log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:x"))
    assert not checkpoints.due()
    now[0] += 60
    assert checkpoints.due()
    made = checkpoints.make()
    assert made is not None
    assert made.size == 1
    assert not checkpoints.due()
    with database.write() as connection:
        for _ in range(1_000):
            log.record_in(connection, AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:x"))
    assert checkpoints.due()


def test_several_processes_have_one_log_signed_and_none_is_taken_for_a_forger(tmp_path: Path) -> None:
    scene = Scene(tmp_path)

    def work(number: int) -> int:
        scene.log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor=f"person:{number}"))
        made = Checkpoints(scene.database, scene.signing.client).make()
        return made.size if made else 0

    with ThreadPoolExecutor(4) as pool:
        sizes = list(pool.map(work, range(40)))
    assert min(sizes) > SIZE
    assert [one for one in scene.signing.log.entries() if one.kind == "refusal"] == []
    scene.checkpoints.make()
    assert scene.problems() == ()


def test_a_checkpoint_that_another_process_has_signed_meanwhile_is_told_and_no_forgery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path)
    authority, client = scene.signing.authority, scene.signing.client

    def grown() -> None:
        scene.log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:other"))

    def overtaken(asked: Growth) -> str:
        def meanwhile() -> None:
            monkeypatch.undo()
            grown()
            scene.checkpoints.make()

        monkeypatch.setattr(authority, "_take_waiting", meanwhile)  # the last that is done before the question's turn
        return client.checkpoint(asked)

    grown()
    signer = SimpleNamespace(audit_key=client.audit_key, checkpointed=client.checkpointed, checkpoint=overtaken)
    made = Checkpoints(scene.database, cast(CheckpointSigner, signer)).make()
    assert made is not None
    assert made.size == SIZE + 2
    assert scene.problems() == ()
