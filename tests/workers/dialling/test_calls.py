"""The worker in a cluster answers several at once, each once, and goes on whatever a question or a server does."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import pytest

from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from domain.inventory.dialled import Answered, Asked, Call, packed, unpacked
from tests.workers.dialling.test_tasks import Played
from workers.client.ports.dial_outs import DialledTask
from workers.dialling.calls import AT_ONCE, Calls

LOOK = packed(Asked(call=Call(method="GET", path="/version")))


@dataclass
class Asking(Played):
    """`questions`: what is asked, one after the other; then nothing comes for ever."""

    questions: list[str | SluicewayError] = field(default_factory=list)
    given: list[Answered] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False

    async def call(self, cluster: str) -> DialledTask | None:
        if not self.questions:
            await asyncio.Event().wait()
        found = self.questions.pop(0)
        if isinstance(found, SluicewayError):
            raise found
        return DialledTask(handle="h", kind="dialled-call", asked=found)

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        self.given.append(unpacked(Answered, text))
        self.answered.set()
        if self.away:
            raise UnreachableError("SLW470", "away")


class Hands:
    def answer(self, asked: Asked) -> Answered:
        return Answered(status=200)


class Odd:
    def answer(self, asked: Asked) -> Answered:
        raise KeyError("a word of the cluster")


async def at_once(seconds: float) -> None:
    await asyncio.sleep(0)


async def played(server: Asking, hands: Hands | Odd, many: int = 1) -> list[Answered]:
    running = asyncio.ensure_future(Calls("far", server, hands, at_once).run())
    while len(server.given) < many and not running.done():
        server.answered.clear()
        waiting = asyncio.ensure_future(server.answered.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    if running.done():
        await running
    running.cancel()
    await asyncio.wait({running})
    return server.given


async def test_what_is_asked_is_answered() -> None:
    assert await played(Asking(questions=[LOOK]), Hands()) == [Answered(status=200)]


@pytest.mark.parametrize(
    ("asked", "hands", "code"), [("no message", Hands(), "SLW983"), (LOOK, Odd(), "SLW943")], ids=["odd", "bug"]
)
async def test_what_cannot_be_answered_is_an_error_without_a_word_more(
    asked: str, hands: Hands | Odd, code: str
) -> None:
    (answer,) = await played(Asking(questions=[asked]), hands)
    assert answer.trouble is not None
    assert (answer.trouble.code, "word" in str(answer)) == (code, False)


async def test_a_server_that_is_away_is_asked_again_and_an_answer_that_it_does_not_take_is_lost() -> None:
    server = Asking(questions=[UnreachableError("SLW470", "away"), LOOK, LOOK], away=True)
    assert len(await played(server, Hands(), 2)) == 2


async def test_a_worker_that_is_refused_again_and_again_begins_again() -> None:
    with pytest.raises(RefusedError):
        await played(Asking(questions=[RefusedError("SLW410", "you may not")] * 3), Hands())


async def test_no_more_is_taken_than_is_answered_at_once() -> None:
    free, server = threading.Event(), Asking(questions=[LOOK] * (AT_ONCE + 3))

    class Slow:
        def answer(self, asked: Asked) -> Answered:
            free.wait(30)
            return Answered(status=200)

    running = asyncio.ensure_future(Calls("far", server, Slow(), at_once).run())
    while len(server.questions) > 3:
        await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(server.questions) == 3
    free.set()
    running.cancel()
    await asyncio.wait({running})
