"""Streams of changes: who may follow what, and how they go on after a break."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
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

    def readable(self, *_: object) -> Rights:
        return self


def follow(told: Told, topics: frozenset[str] = frozenset({"runs"}), *, whole: bool = True) -> str:
    parts = cast("Parts", Follower(told, whole))
    viewer = Viewer(None, ANN, parts, topics, 0)  # type: ignore[arg-type]
    events.STREAMS.open(ANN.principal.id)

    async def all_of_it() -> bytes:
        return b"".join([part async for part in viewer.events()])

    return asyncio.run(all_of_it()).decode()


@dataclass
class Follower:
    """As much of `Parts` as a stream needs."""

    told: Told
    whole: bool

    @property
    def changes(self) -> Told:
        return self.told

    @property
    def authenticator(self) -> Told:
        return self.told

    def guards(self, caller: Caller) -> Rights:
        return Rights(self.whole)


def test_a_stream_says_what_changed_of_its_topics_and_how_far_it_is() -> None:
    text = follow(Told([CHANGES]))
    assert 'id: 3\nevent: change\ndata: {"topic": "runs", "key": "run/web/1"}\n\n' in text
    assert "releases" not in text


def test_who_may_not_read_everything_hears_no_names() -> None:
    text = follow(Told([CHANGES]), whole=False)
    assert 'data: {"topic": "runs", "key": ""}' in text
    assert "run/web/1" not in text


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
