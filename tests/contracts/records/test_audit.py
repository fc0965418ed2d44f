"""The audit on both databases: numbers without gaps while several write, and a check of all that is stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from activities.access.audit_queries import AuditQueries, Sought
from activities.access.audit_verification import verify_all
from activities.access.checkpoints import Checkpoints
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from tests.support.signers import Signing
from workers.core.records import Records


def grant(number: int) -> AuditEvent:
    return AuditEvent(
        kind=AuditKind.GRANT, outcome=AuditOutcome.DONE, actor=f"person:{number % 2}", resource=f"cluster:{number}"
    )


def test_several_writers_make_one_log_that_verifies(records: Records) -> None:
    signing = Signing()
    checkpoints = Checkpoints(records.database, signing.client)
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(records.audit.record, map(grant, range(30)))) == list(range(30))
    assert checkpoints.make() == checkpoints.table.newest()
    for number in range(30, 37):
        records.audit.record(grant(number))
    checkpoints.make()

    found = verify_all(records.database, signing.client.audit_key(), ())
    assert (found.size, found.signed, found.marks, found.problems) == (37, 37, 2, ())
    with records.database.write() as connection:
        connection.execute(text("update audit_entries set actor = 'person:eve' where seq = 5"))
    assert "column actor" in verify_all(records.database, signing.client.audit_key(), ()).problems[0]


def test_a_failed_change_leaves_no_entry_and_no_gap(records: Records) -> None:
    connection = records.database.write()
    with connection as open_:
        records.audit.record_in(open_, grant(0))
        open_.rollback()
    assert records.audit.record(grant(1)) == 0


def test_entries_are_found_by_person_and_time(records: Records) -> None:
    queries = AuditQueries(records.database)
    for number in range(9):
        records.audit.record(grant(number))
    times = [entry.at_ms for entry in queries.every(Sought())]
    assert [one.seq for one in queries.newest(Sought(actor="person:1"), 7, 2)] == [5, 3]
    since = [one.seq for one in queries.oldest(Sought(since_ms=times[4]), 0, 50)]
    assert since == [seq for seq, at in enumerate(times) if at >= times[4]]
    assert [one.seq for one in queries.oldest(Sought(until_ms=times[4]), 0, 50)] == [
        seq for seq, at in enumerate(times) if at < times[4]
    ]


def test_a_text_that_postgresql_cannot_hold_is_recorded_all_the_same(records: Records) -> None:
    event = AuditEvent(
        kind=AuditKind.LOGIN,
        outcome=AuditOutcome.DENIED,
        actor="anonymous:",
        resource="person:a\0",
        details={"why": "\0"},
    )
    records.audit.record(event)
    assert verify_all(records.database, b"", ()).problems == ()
    assert [one.event.resource for one in AuditQueries(records.database).newest(Sought(), None, 9)] == [
        "person:a\ufffd"
    ]
