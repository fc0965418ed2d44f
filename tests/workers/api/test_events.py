"""Streams of changes: who may follow what, and how they go on after a break."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.access.actions import Action
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from domain.access.resource import Resource
from domain.core.errors import RefusedError
from tests.workers.console.site import console
from workers.api import events
from workers.api.app import create_app
from workers.api.events import Streams, Viewer, stream
from workers.api.parts import Change, Parts

ANN = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="console", session="s1")
CHANGES = (
    Change(1, "runs", "run/web/1"),
    Change(2, "releases", "release/web/production/1"),
    Change(3, "runs", "run/web/1"),
)


@dataclass
class Told:
    """Changes in parts, and afterwards the login is over."""

    parts: Sequence[tuple[Change, ...]]
    asked: list[int] = field(default_factory=list)
    number: int = 0

    async def last(self) -> int:
        return self.number

    async def after(self, seq: int, limit: int = 500) -> tuple[Change, ...]:
        self.asked.append(seq)
        return self.parts[len(self.asked) - 1]

    async def caller(self, connection: Any) -> Caller:
        return ANN if len(self.asked) < len(self.parts) else Caller(principal=ANONYMOUS)


@dataclass
class Rights:
    """Everything, or some of it."""

    everything: bool
    clusters: set[str] = field(default_factory=set)

    def readable(self, *_: object) -> Rights:
        return self

    def verdicts(self, pairs: Sequence[tuple[Action, Resource]]) -> list[SimpleNamespace]:
        return [SimpleNamespace(allowed=one.name in self.clusters) for _, one in pairs]


def follow(
    told: Told,
    topics: frozenset[str] = frozenset({"runs"}),
    *,
    whole: bool = True,
    clusters: Sequence[set[str]] = (set(),),
    clock: Callable[[], float] = time.monotonic,
) -> str:
    parts = cast("Parts", Follower(told, whole, clusters))
    viewer = Viewer(None, ANN, parts, topics, 0, clock=clock)  # type: ignore[arg-type]
    events.STREAMS.open(ANN.principal.id)

    async def all_of_it() -> bytes:
        return b"".join([part async for part in viewer.events()])

    return asyncio.run(all_of_it()).decode()


@dataclass
class Follower:
    """As much of `Parts` as a stream needs."""

    told: Told
    whole: bool
    clusters: Sequence[set[str]]
    """Which may be read, at each part of the changes; the last one stays."""

    @property
    def changes(self) -> Told:
        return self.told

    @property
    def authenticator(self) -> Told:
        return self.told

    def guards(self, caller: Caller) -> Rights:
        part = max(len(self.told.asked) - 1, 0)
        return Rights(self.whole, self.clusters[min(part, len(self.clusters) - 1)])


def test_a_stream_says_what_changed_of_its_topics_and_how_far_it_is() -> None:
    text = follow(Told([CHANGES]))
    assert 'id: 3\nevent: change\ndata: {"topic": "runs", "key": "run/web/1"}\n\n' in text
    assert "releases" not in text


def test_who_may_not_read_everything_hears_no_names() -> None:
    text = follow(Told([CHANGES]), whole=False)
    assert 'data: {"topic": "runs", "key": ""}' in text
    assert "run/web/1" not in text


def of_clusters(*names: str, first: int = 1) -> tuple[Change, ...]:
    return tuple(Change(number, "fleet", name) for number, name in enumerate(names, first))


def test_who_may_read_one_cluster_hears_of_it_by_name_and_of_no_other() -> None:
    told = Told([of_clusters("edge", "vault"), of_clusters("vault", first=3)])
    text = follow(told, frozenset({"fleet"}), whole=False, clusters=[{"edge"}])
    assert 'id: 1\nevent: change\ndata: {"topic": "fleet", "key": "edge"}' in text
    assert "vault" not in text
    assert text.count("event: change") == 1


@pytest.mark.parametrize("how", ["told", "by its time"])
def test_a_right_that_was_taken_or_is_over_ends_what_is_heard_of_a_cluster(how: str) -> None:
    news = (Change(2, "access", ""),) if how == "told" else (Change(2, "runs", "r"),)
    told = Told([of_clusters("edge"), (*news, *of_clusters("edge", first=3))])
    late = iter([0.0, 0.0, 61.0, 61.0, 61.0])
    clock = (lambda: 0.0) if how == "told" else (lambda: next(late))
    text = follow(told, frozenset({"fleet"}), whole=False, clusters=[{"edge"}, set()], clock=clock)
    assert text.count('"edge"') == 1


def test_a_stream_goes_on_where_it_was_also_past_changes_of_others() -> None:
    told = Told([(Change(1, "releases", "x"),), (), (Change(2, "runs", "run/web/2"),)])
    text = follow(told)
    assert told.asked == [0, 1, 1]
    assert "id: 1\n: others" in text
    assert ": nothing new" in text


def test_what_was_missed_is_told_to_every_topic() -> None:
    assert '{"topic": "all", "key": ""}' in follow(Told([(Change(9, "all", ""),)]))


def test_a_login_that_is_over_ends_its_streams() -> None:
    follow(Told([()]))
    assert events.STREAMS.by.total() == 0


def test_streams_are_counted_by_principal_and_in_all() -> None:
    streams = Streams(most=3, most_each=2)
    streams.open("person:ann")
    streams.open("person:ann")
    for principal, allowed in (("person:ann", False), ("person:bob", True), ("person:eve", False)):
        if allowed:
            streams.open(principal)
            continue
        with pytest.raises(RefusedError) as refused:
            streams.open(principal)
        assert refused.value.code == "SLW455"
    streams.close("person:ann")
    streams.open("person:ann")


def test_nobody_follows_without_a_login() -> None:
    told = Told([])
    parts = Parts(clients=None, authenticator=told, changes=told, origin="http://x")  # type: ignore[arg-type]
    with TestClient[Litestar](create_app(parts, [stream])) as asked:
        assert asked.get("/api/v1/events/stream?topic=runs").status_code == 401


def test_a_page_says_which_change_it_was_made_after_and_its_stream_begins_there() -> None:
    told = Told([()], number=41)
    with TestClient(console(changes=told)) as browser:
        assert 'data-seen="41"' in browser.get("/runs", headers={"Accept": "text/html"}).text
    parts = Parts(clients=None, authenticator=told, changes=told, origin="http://x")  # type: ignore[arg-type]
    with TestClient[Litestar](create_app(parts, [stream])) as browser:
        assert browser.get("/api/v1/events/stream?topic=runs&after=17").status_code == 200
    assert told.asked == [17]
