"""The audit log on a database: numbers without gaps, in the transaction of the change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete

from activities.access.audit_log import AuditLog
from activities.access.audit_store import NODES
from activities.storage.database import Database
from activities.storage.opening import open_database
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome, entry_of, leaf_of
from domain.access.merkle import Growing, leaf_hash, root
from domain.core.errors import SluicewayError


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(tmp_path / "records.db")


def login(name: str = "ann") -> AuditEvent:
    return AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor=f"person:{name}")


def test_entries_have_numbers_without_gaps_and_a_tree(database: Database) -> None:
    log, growing = AuditLog(database), Growing()
    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(log.record, (login(str(one)) for one in range(40))))
    assert numbers == list(range(40))
    for stored in log.store.entries():
        entry = entry_of(stored.body.encode())
        assert (entry.seq, leaf_of(entry)) == (stored.seq, stored.body.encode())
        growing_nodes = [(0, stored.seq, leaf_hash(leaf_of(entry))), *growing.add(leaf_hash(leaf_of(entry)))]
        assert set(growing_nodes) <= set(log.store.subtrees())
    with database.write() as connection:
        assert root(log.store.nodes(connection), 40) == growing.root()


def test_an_entry_is_kept_with_its_change_or_not_at_all(database: Database) -> None:
    log = AuditLog(database)

    def change() -> None:
        with database.write() as connection:
            log.record_in(connection, login())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert list(log.store.entries()) == []
    assert log.record(login()) == 0


def test_times_never_go_back(database: Database) -> None:
    times = iter([5.0, 3.0, 7.0])
    log = AuditLog(database, lambda: next(times))
    for _ in range(3):
        log.record(login())
    assert [one.at_ms for one in log.store.entries()] == [5000, 5000, 7000]


def test_a_log_that_cannot_be_written_stops_what_it_is_about(database: Database) -> None:
    log = AuditLog(database)
    log.record(login())
    database.execute(delete(NODES))
    with pytest.raises(SluicewayError, match="SLW481"):
        log.record(login())
    with database.write() as connection:
        connection.exec_driver_sql("drop table audit_entries")
    with pytest.raises(SluicewayError, match="SLW480"):
        log.record(login())
