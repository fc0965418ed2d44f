"""The witness of the audit in Temporal: it takes what continues the log that it has seen, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from activities.access.checkpoint_archive import archived
from activities.access.checkpoints import Checkpoints
from activities.notifications.port import Notice
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from domain.core.errors import RefusedError
from tests.support.lab import Lab
from workers.client import audit_witness
from workers.worker.checkpointing import Checkpointing
from workflows.access.audit import AuditWitness
from workflows.access.messages import NewHead


class Channel:
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    async def notify(self, notice: Notice) -> None:
        self.notices.append(notice)


def checkpointing(lab: Lab, channel: Channel) -> Checkpointing:
    now = iter(range(1_000, 100_000, 100))
    checkpoints = Checkpoints(lab.records.database, lab.wired.authority, lambda: 1e11 + next(now))
    id_ = f"audit-{secrets.token_hex(4)}"
    return Checkpointing(checkpoints, lab.wired.store, lab.engine.client, (channel,), lab.engine.queue, id_)


def record(lab: Lab, times: int = 1) -> None:
    for _ in range(times):
        lab.records.audit.record(
            AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.ALLOWED, actor=f"person:{secrets.token_hex(2)}")
        )


async def sizes(lab: Lab, made: Checkpointing) -> Sequence[int]:
    return [one.size for one in await audit_witness.seen(lab.engine.client, made.id_)]


async def test_each_checkpoint_reaches_the_store_and_the_witness(lab: Lab) -> None:
    channel = Channel()
    made = checkpointing(lab, channel)
    await made.look()
    assert await sizes(lab, made) == []
    for count in (3, 1, 7):
        record(lab, count)
        await made.look()
    assert await sizes(lab, made) == [3, 4, 11]
    assert {one.size for one in archived(lab.wired.store, lab.wired.authority.audit_key())} == {3, 4, 11}
    assert channel.notices == []


async def test_a_worker_that_starts_again_shows_what_the_witness_has_missed(lab: Lab) -> None:
    made = checkpointing(lab, Channel())
    record(lab, 3)
    await made.look()
    record(lab, 2)
    made.checkpoints.make()  # and then the worker was killed
    again = checkpointing(lab, Channel())
    again.id_ = made.id_
    await again.look()
    assert await sizes(lab, made) == [3, 5]


async def test_a_log_whose_end_was_cut_off_is_told_once_and_gets_no_checkpoint(lab: Lab) -> None:
    channel = Channel()
    made = checkpointing(lab, channel)
    record(lab, 6)
    await made.look()
    with lab.records.database.write() as connection:
        connection.execute(text("delete from audit_entries where seq >= 2"))
        connection.execute(text("delete from audit_nodes where (position + 1) * (1 << level) > 2"))
        connection.execute(text("delete from audit_checkpoints"))
    for _ in range(2):
        record(lab)
        with pytest.raises(RefusedError, match="SLW482"):
            await made.look()
    assert [one.kind for one in channel.notices] == ["audit-damaged"] * len(channel.notices)
    assert channel.notices


async def test_the_witness_refuses_another_log_and_says_so(lab: Lab) -> None:
    made = checkpointing(lab, Channel())
    record(lab, 6)
    await made.look()
    other = NewHead(9, "A" * 43 + "=", "forged", 6, ())

    async def forged(old: int) -> NewHead:
        return other

    answer = await audit_witness.shown(lab.engine.client, forged, lab.engine.queue, made.id_)
    assert answer.head.size == 6
    assert "not those" in answer.refused
    handle = lab.engine.client.get_workflow_handle(made.id_)
    state = await handle.query(AuditWitness.state)
    assert state.refused.startswith("a head of size 9 was not taken")
    await handle.terminate("the test is over")
