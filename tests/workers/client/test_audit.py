"""The audit as clients ask it: filters, pages, proofs that anybody can check, exports that are recorded."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.access.audit_log import AuditLog
from activities.access.checkpoints import Checkpoints
from activities.storage.opening import open_database
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from domain.access.checkpoint import public_key
from domain.access.merkle import extends, includes, leaf_hash
from domain.access.principal import ANONYMOUS, Caller
from domain.access.signed_note import verified
from domain.access.verification import Mark
from domain.core.errors import RefusedError
from tests.support.signers import Signing
from workers.client.access_guard import AccessGuard
from workers.client.audit import AuditParts, EngineAudit
from workers.client.owner_guard import OwnerDecider, owner_guard
from workers.client.ports.audit import AuditFilter
from workers.client.ports.pages import PageOf


@dataclass
class Scene:
    log: AuditLog
    parts: AuditParts
    audit: EngineAudit
    marks: list[Mark]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    now = iter(range(1_000, 100_000))
    database, signing = open_database(tmp_path / "records.db"), Signing()
    log, marks = AuditLog(database, lambda: float(next(now))), list[Mark]()

    async def witnesses() -> list[Mark]:
        return marks

    parts = AuditParts(database, log, signing.client.audit_key(), witnesses, Checkpoints(database, signing.client))
    for number in range(20):
        actor = f"person:{('ann', 'bob')[number % 2]}"
        log.record(
            AuditEvent(kind=AuditKind.GRANT, outcome=AuditOutcome.DONE, actor=actor, resource=f"cluster:{number}")
        )
    return Scene(log, parts, EngineAudit(owner_guard(log), parts), marks)


async def test_pages_of_a_filter_hold_every_entry_once_the_newest_first(scene: Scene) -> None:
    which, found, after = AuditFilter(actor="person:ann", since=1_004, until=1_015), list[int](), ""
    while True:
        page = await scene.audit.query(which, PageOf(after, 2))
        found += [one.seq for one in page.items]
        after = page.next
        if not after:
            break
    assert found == [14, 12, 10, 8, 6, 4]


async def test_an_entry_on_behalf_of_somebody_is_found_by_both(scene: Scene) -> None:
    event = AuditEvent(kind=AuditKind.TOKEN, outcome=AuditOutcome.DONE, actor="token:1", on_behalf_of="person:eve")
    seq = scene.log.record(event)
    for actor in ("token:1", "person:eve"):
        page = await scene.audit.query(AuditFilter(actor=actor), PageOf())
        assert [one.seq for one in page.items] == [seq]


async def test_a_proof_is_checked_with_the_key_alone(scene: Scene) -> None:
    proof = await scene.audit.prove(7)
    note = verified(proof.checkpoint.note, public_key(proof.checkpoint.key))
    hashes = [base64.b64decode(one) for one in proof.hashes]
    assert includes(leaf_hash(proof.leaf.encode()), 7, note.head.size, hashes, note.head.root)
    assert proof.row.resource == "cluster:7"
    for number in (10_000, 10**30):  # the second one fits into no column
        with pytest.raises(RefusedError, match="SLW483"):
            await scene.audit.prove(number)


async def test_a_checkpoint_shows_that_it_continues_an_older_one(scene: Scene) -> None:
    old = await scene.audit.checkpoint()
    scene.log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:ann"))
    new = await scene.audit.checkpoint()
    hashes = [base64.b64decode(one) for one in await scene.audit.consistency(old.size, new.size)]
    assert extends(old.size, base64.b64decode(old.root), new.size, base64.b64decode(new.root), hashes)
    for sizes in ((new.size + 1, new.size), (0, 1_000), (-1, 3)):
        with pytest.raises(RefusedError, match="SLW483"):
            await scene.audit.consistency(*sizes)


async def test_a_check_says_what_every_witness_has_seen(scene: Scene) -> None:
    scene.marks.append(Mark("the object store", 30, bytes(32)))
    check = await scene.audit.verify()
    assert check.problems == ("the object store has seen 30 entries, and there are 20: the end was cut off",)
    assert (check.size, check.signed, check.witnesses) == (20, 20, {"the object store": 30})


async def test_an_export_is_in_the_audit_before_it_is_given(scene: Scene) -> None:
    first = await scene.audit.export(AuditFilter(actor="person:bob"), 0, 3)
    assert [one.seq for one in first] == [1, 3, 5]
    rest = await scene.audit.export(AuditFilter(), 6)
    assert [one.seq for one in rest] == list(range(6, 21))
    told = {"from": 1, "to": 5, "entries": 3, "actor": "person:bob"}
    assert (rest[-1].kind, rest[-1].details) == ("export", told)


async def test_whoever_follows_the_log_does_not_follow_their_own_exports(scene: Scene) -> None:
    assert len(await scene.audit.export(AuditFilter())) == 20
    for _ in range(3):
        assert await scene.audit.export(AuditFilter(), 20) == ()
    scene.log.record(AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor="person:ann"))
    assert [one.kind for one in await scene.audit.export(AuditFilter(), 20)] == ["export", "login"]


async def test_who_may_not_read_the_audit_reads_nothing_of_it_and_that_is_recorded(scene: Scene) -> None:
    stranger = AccessGuard(Caller(principal=ANONYMOUS, channel="api"), OwnerDecider(), scene.log)
    audit = EngineAudit(stranger, scene.parts)
    for call in (
        *(audit.query(AuditFilter(), PageOf()), audit.prove(0), audit.checkpoint(), audit.consistency(0, 1)),
        *(audit.verify(), audit.export(AuditFilter())),
    ):
        with pytest.raises(RefusedError, match="SLW410"):
            await call
    page = await scene.audit.query(AuditFilter(outcome="denied"), PageOf())
    assert {one.action for one in page.items} == {"audit:read", "audit:export"}
    assert len(page.items) == 6


async def test_a_changed_entry_is_told_and_holds_no_other_one_up(scene: Scene) -> None:
    with scene.parts.database.write() as connection:
        connection.execute(text("update audit_entries set body = replace(body, 'bob', 'eve') where seq = 3"))
        connection.execute(text("update audit_entries set body = body || ' ' where seq = 4"))
    page = await scene.audit.query(AuditFilter(), PageOf())
    assert [one.kind for one in page.items if one.seq == 4] == ["unreadable"]
    assert len(page.items) > 4
    rows = await scene.audit.export(AuditFilter(), 3, 3)
    assert [(one.seq, one.kind == "unreadable") for one in rows] == [(3, False), (4, True), (5, False)]
    check = await scene.audit.verify()
    assert [one.partition(":")[0] for one in check.problems[:2]] == [
        "entry 3 was changed",
        "the stored tree does not fit entry 3",
    ]
