"""The guard before every verb."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from domain.access.actions import Action
from domain.access.audit import AuditEvent
from domain.access.principal import ANONYMOUS, OWNER, Caller
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.access.verdict import Layer
from domain.core.errors import RefusedError
from workers.client.access_guard import AccessGuard
from workers.client.owner_guard import OwnerDecider, owner_guard

RUN = Resource(kind=ResourceKind.RUN, name="run/web/1", pipeline="web")


@dataclass
class Kept:
    entries: list[AuditEvent] = field(default_factory=list)

    def record(self, event: AuditEvent) -> int:
        self.entries.append(event)
        return len(self.entries) - 1


async def test_the_owner_of_a_home_may_do_everything_there_and_it_is_recorded_as_such():
    kept = Kept()
    async with owner_guard(kept).use(Action.RUNS_CANCEL, RUN, {"reason": "stuck"}) as outcome:
        outcome.tell(stopped=True)
    assert [(one.kind, one.outcome, one.rule) for one in kept.entries] == [
        ("intent", "allowed", "owner/home"),
        ("outcome", "done", "owner/home"),
    ]
    assert kept.entries[1].details == {"reason": "stuck", "intent": 0, "stopped": True}


def test_the_owner_is_nobody_when_coming_over_the_network():
    guard = AccessGuard(Caller(principal=OWNER, channel="api"), OwnerDecider(), Kept())
    assert guard.verdict(Action.RUNS_READ, RUN).layer == Layer.DEFAULT


def test_a_refusal_names_its_rule_and_is_recorded():
    kept = Kept()
    guard = AccessGuard(Caller(principal=ANONYMOUS, channel="api", address="192.0.2.1"), OwnerDecider(), kept)
    with pytest.raises(RefusedError, match="SLW410") as refusal:
        guard.need(Action.PEOPLE_READ, ENGINE)
    assert refusal.value.rule == "default/deny"
    assert [(one.outcome, one.address) for one in kept.entries] == [("denied", "192.0.2.1")]
    assert not guard.readable(Action.RUNS_READ, ResourceKind.RUN).everything


async def test_a_change_that_fails_is_recorded_with_its_error():
    kept = Kept()

    async def fail() -> None:
        async with owner_guard(kept).use(Action.RUNS_CANCEL, RUN):
            raise RefusedError("SLW911", "there is no such run")

    with pytest.raises(RefusedError):
        await fail()
    assert (kept.entries[-1].outcome, kept.entries[-1].details) == ("failed", {"intent": 0, "error": "SLW911"})


async def test_what_was_done_is_recorded_when_its_caller_leaves_just_then():
    kept, busy, done = Kept(), threading.Event(), asyncio.Event()
    pool = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(pool)

    async def change() -> None:
        async with owner_guard(kept).use(Action.RUNS_CANCEL, RUN):
            pool.submit(busy.wait)
            done.set()

    task = asyncio.create_task(change())
    await done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    busy.set()
    await asyncio.to_thread(int)
    assert [one.outcome for one in kept.entries] == ["allowed", "done"]


async def test_nothing_happens_when_the_intent_cannot_be_recorded():
    class Full:
        def record(self, event: AuditEvent) -> int:
            raise RefusedError("SLW480", "the audit is full")

    happened = []

    async def act() -> None:
        async with owner_guard(Full()).use(Action.RUNS_CANCEL, RUN):
            happened.append(1)

    with pytest.raises(RefusedError):
        await act()
    assert not happened
