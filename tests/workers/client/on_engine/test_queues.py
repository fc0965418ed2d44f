"""Whoever may read an environment sees who holds it; groups are for whoever may read all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.access.actions import Action
from domain.access.resource import Resource
from domain.access.verdict import Verdict
from domain.queues.queue import Queue, Slot
from tests.support.guards import OpenGuard
from workers.client import queues
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.releases.releases import EngineReleases
from workers.client.ports.pages import PageOf
from workers.client.ports.releases import WaiterRow

HELD = Queue(holders=[Slot("release/web/production/7")], waiting=[Slot(f"run/web/{at}") for at in range(300)])
OPEN = ["environment/production", "environment/staging", "queue/runs/main"]


class Closed(OpenGuard):
    """May read one environment's queue, and nothing of the engine."""

    def verdict(self, action: Action, resource: Resource) -> Verdict:
        return replace(super().verdict(action, resource), allowed=False)


@pytest.fixture
def open_queues(parts: EngineParts, monkeypatch: pytest.MonkeyPatch) -> EngineParts:
    async def part(engine: object, after: str, limit: int) -> tuple[Sequence[tuple[str, Queue]], str]:
        ids = [id_ for id_ in OPEN if id_ > after]
        return [(id_, HELD) for id_ in ids[:limit]], ids[limit - 1] if len(ids) > limit else ""

    async def engine() -> None: ...

    monkeypatch.setattr(queues, "part", part)
    monkeypatch.setattr(parts, "engine", engine)
    return parts


async def test_queues_come_by_id_each_once_with_a_bound_on_who_waits(open_queues: EngineParts) -> None:
    releases = EngineReleases(open_queues, OpenGuard())
    first = await releases.queues(PageOf(limit=2))
    rest = await releases.queues(PageOf(limit=2, after=first.next))
    assert [row.id for row in (*first.items, *rest.items)] == OPEN
    assert [one.who for one in first.items[0].holders] == ["release/web/production/7"]
    assert (len(first.items[0].waiting), first.items[0].length, rest.next) == (200, 300, "")
    assert first.items[0].waiting[2] == WaiterRow("run/web/2", "place 3 of 300")


async def test_a_lock_is_read_with_its_environment_and_a_group_with_the_engine(open_queues: EngineParts) -> None:
    guard = Closed(readable_names=("staging",))
    assert [row.id for row in (await EngineReleases(open_queues, guard).queues(PageOf())).items] == [
        "environment/staging"
    ]
