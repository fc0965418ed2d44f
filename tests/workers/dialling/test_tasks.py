"""A worker in a cluster does what it is given until nobody wants it, and asks again whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from domain.core.version import VERSION
from domain.inventory.dial_versions import PROTOCOL, fits
from domain.inventory.model import EventRow
from domain.inventory.told import Told
from workers.client.ports.dial_outs import Beaten, DialledTask, Greeted, Names, PermitsKey
from workers.dialling.tasks import BEAT_S, LONGEST_S, Tasks

REFUSED = RefusedError("SLW410", "you may not")
AWAY = UnreachableError("SLW470", "away")


@dataclass
class Played:
    """`answers`: what is asked for, one after the other; then nothing comes for ever."""

    answers: list[str | SluicewayError] = field(default_factory=list)
    beats: list[bool | SluicewayError] = field(default_factory=list)
    ends: list[tuple[str, bool]] = field(default_factory=list)
    asked: int = 0
    greetings: list[tuple[str, int]] = field(default_factory=list)
    version: str = VERSION
    """Of the server."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def hello(self, cluster: str, version: str, protocol: int) -> Greeted:
        self.greetings.append((version, protocol))
        return Greeted(version=self.version, fits=fits(version, self.version))

    async def task(self, cluster: str) -> DialledTask | None:
        self.asked += 1
        if not self.answers:
            self.idle.set()
            await asyncio.Event().wait()
        found = self.answers.pop(0)
        if isinstance(found, SluicewayError):
            raise found
        return DialledTask(handle=f"h{self.asked}", kind=found) if found else None

    async def beat(self, cluster: str, handle: str) -> Beaten:
        found = self.beats.pop(0) if self.beats else False
        if isinstance(found, SluicewayError):
            raise found
        return Beaten(found)

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        self.ends.append((said, failed))

    async def call(self, cluster: str) -> DialledTask | None:
        raise NotImplementedError

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        raise NotImplementedError

    async def permits_key(self, cluster: str) -> PermitsKey:
        raise NotImplementedError

    async def tell(self, cluster: str, told: Told) -> None:
        raise NotImplementedError

    async def names(self, cluster: str, kind: str, namespace: str, name: str) -> Names:
        raise NotImplementedError

    async def going(self, cluster: str) -> tuple[EventRow, ...]:
        raise NotImplementedError


async def forever() -> str:
    await asyncio.Event().wait()
    return ""


async def done() -> str:
    return "the watch ended"


async def broken() -> str:
    raise SluicewayError("SLW943", "the API server refuses", why="no right")


async def bug() -> str:
    raise KeyError("secret")


async def played(server: Played, work: Callable[[], Awaitable[str]] = forever) -> list[float]:
    """Until it asks and nothing comes; how long it paused."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    running = asyncio.ensure_future(Tasks("far", server, {"watch-inventory": work}, sleep).run())
    idle = asyncio.ensure_future(server.idle.wait())
    await asyncio.wait({running, idle}, return_when=asyncio.FIRST_COMPLETED)
    idle.cancel()
    if running.done():
        await running
    running.cancel()
    await asyncio.wait({running})
    return pauses


async def test_what_is_done_is_said_and_the_next_is_asked_for() -> None:
    server = Played(["watch-inventory", "", "watch-inventory"])
    await played(server, done)

    assert server.ends == [("the watch ended", False)] * 2
    assert server.asked == 4


async def test_what_nobody_wants_any_more_ends_at_the_next_beat() -> None:
    server = Played(["watch-inventory"], beats=[False, True])
    pauses = await played(server)

    assert pauses == [BEAT_S, BEAT_S]
    assert server.ends == [("nobody wants it any more", False)]


async def test_a_server_that_is_away_for_a_while_ends_no_watch() -> None:
    server = Played(["watch-inventory"], beats=[AWAY, SluicewayError("SLW807", "x", status=503), False, True])
    pauses = await played(server)

    assert len(pauses) == 4


async def test_a_server_that_refuses_the_worker_ends_its_watch() -> None:
    server = Played(["watch-inventory"], beats=[REFUSED])
    await played(server)

    assert server.ends == [("nobody wants it any more", False)]


@pytest.mark.parametrize(
    ("work", "said"), [(broken, "error SLW943: the API server refuses"), (bug, "KeyError")], ids=["refused", "bug"]
)
async def test_what_fails_is_said_in_short_and_nothing_more(work: Callable[[], Awaitable[str]], said: str) -> None:
    server = Played(["watch-inventory"])
    await played(server, work)

    ((words, failed),) = server.ends
    assert failed
    assert words.startswith(said)
    assert "secret" not in words


async def test_work_that_this_version_does_not_know_is_not_begun() -> None:
    server = Played(["delete-everything"])
    await played(server)

    assert server.ends == [("this worker knows no delete-everything", True)]


async def test_a_worker_that_is_stopped_says_so_that_the_next_one_begins_at_once() -> None:
    server = Played(["watch-inventory"])
    running = asyncio.ensure_future(Tasks("far", server, {"watch-inventory": forever}).run())
    while not server.asked:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    assert server.ends == [("the worker in it stops", True)]


async def test_a_server_that_is_away_is_asked_again_less_and_less_often() -> None:
    pauses = await played(Played([AWAY] * 8))

    assert pauses == [1, 2, 4, 8, 16, LONGEST_S, LONGEST_S, LONGEST_S]


async def test_a_worker_that_is_refused_again_and_again_reads_its_token_again() -> None:
    with pytest.raises(RefusedError):
        await played(Played([REFUSED, AWAY, REFUSED, REFUSED, REFUSED, ""]))


async def test_it_says_its_version_at_first_and_whenever_the_server_may_be_another_one() -> None:
    server = Played(["watch-inventory", "", AWAY, "watch-inventory"])
    await played(server, done)
    assert server.greetings == [(VERSION, PROTOCOL)] * 2


async def test_a_worker_of_another_version_is_told_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    await played(Played([], version="99.0.0"))
    assert "the server of 99.0.0: build the image of the server's version" in caplog.text
