"""What the audit costs: an entry beside a bare insert of the same text, a check of everything, a proof, a page.

CPU of this process: beside other work it says more than the clock.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert

from activities.access.audit_log import AuditLog
from activities.access.audit_queries import AuditQueries, Sought
from activities.access.audit_verification import verify_all
from activities.access.checkpoints import Checkpoints
from activities.storage.database import Database
from activities.storage.opening import open_database
from domain.access import merkle
from domain.access.audit import AuditEntry, AuditEvent, AuditKind, AuditOutcome, leaf_of
from domain.core.documents import Node
from tests.bench.rows import row
from tests.support.signers import Signing

NAMES = ["audit_append", "audit_size", "audit_verify", "audit_prove", "audit_page"]
SIZE, EACH, ROUNDS = 20_000, 200, 5
_PLAIN = Table("plain", MetaData(), Column("id", Integer, primary_key=True), Column("body", Text))


def event(number: int) -> AuditEvent:
    """As an effect of a run has it."""
    return AuditEvent(
        kind=AuditKind.INTENT,
        outcome=AuditOutcome.BEGUN,
        actor=f"person:p{number % 50}",
        action="effect:execute",
        resource=f"run:run/web/{number}",
        rule="grant/7",
        details={"subject": "build", "run": f"run/web/{number}", "digest": "a" * 64},
    )


def measured(folder: Path) -> None:
    """On SQLite, as `up` has it."""
    folder.mkdir(parents=True, exist_ok=True)
    database, signing = open_database(folder / "records.db"), Signing()
    log = AuditLog(database)
    _appends(database, log)
    with database.write() as connection:
        for number in range(SIZE - log.store.size()):
            log.record_in(connection, event(number))
    Checkpoints(database, signing.client).make()
    pages = database.rows("select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()")
    size = Node(pages[0])["bytes"].whole() / SIZE
    row("audit_size", size, f"bytes an entry, of {SIZE:,}, with tree and indexes", None, "<= 1,500", size <= 1_500)
    each = _cpu(lambda: verify_all(database, signing.client.audit_key(), ())) / SIZE
    row("audit_verify", each * 1e6, f"us of CPU an entry, of {SIZE:,}", None, "<= 100", each <= 100e-6)

    def prove() -> None:
        with log.store.reading() as at:
            merkle.inclusion(at, SIZE // 3, SIZE)

    took = _each(prove)
    row("audit_prove", took * 1e3, "ms of CPU", None, "<= 5", took <= 5e-3)
    queries, sought = AuditQueries(database), Sought(actor="person:p7", since_ms=1)
    took = _each(lambda: queries.newest(sought, None, 51))
    row("audit_page", took * 1e3, "ms of CPU, 51 entries of a person", None, "<= 20", took <= 20e-3)


def _appends(database: Database, log: AuditLog) -> None:
    with database.write() as connection:
        _PLAIN.create(connection)
    body = leaf_of(AuditEntry(0, 0, event(0))).decode()
    bare = [_each(lambda: database.execute(insert(_PLAIN), {"body": body})) for _ in range(ROUNDS)]
    ours = [_each(lambda: log.record(event(1))) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(one) * 1e6 for one in (ours, bare))
    row("audit_append", mine, "us of CPU, a transaction each", theirs, "<= 1,000", mine <= 1_000)


def _each(work: Callable[[], object]) -> float:
    return _cpu(work, EACH) / EACH


def _cpu(work: Callable[[], object], times: int = 1) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - began
