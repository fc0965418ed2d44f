"""Who asks while an answer is made gets the next one, made once for all who wait; nobody gets an older one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from workers.client.shared_answers import SharedAnswers


class Maker:
    """Makes numbered answers, each when it is let."""

    def __init__(self) -> None:
        self.begun, self.lets = 0, asyncio.Semaphore(0)

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await self.lets.acquire()
        return number


def asking(shared: SharedAnswers, make: Callable[[], Awaitable[int]], question: str = "fleet") -> asyncio.Task[int]:
    return asyncio.ensure_future(shared.get(question, make))


async def begun(maker: Maker, number: int) -> None:
    while maker.begun < number:
        await asyncio.sleep(0)


async def test_who_comes_while_an_answer_is_made_gets_the_next_one_together() -> None:
    shared, maker = SharedAnswers(), Maker()
    first = asking(shared, maker)
    await begun(maker, 1)
    later = [asking(shared, maker) for _ in range(200)]
    maker.lets.release()
    maker.lets.release()
    assert (await first, set(await asyncio.gather(*later)), maker.begun) == (1, {2}, 2)


async def test_questions_that_differ_do_not_wait_for_each_other() -> None:
    shared, maker = SharedAnswers(), Maker()
    both = [asking(shared, maker, who) for who in ("kim", "lee")]
    await begun(maker, 2)
    maker.lets.release()
    maker.lets.release()
    assert set(await asyncio.gather(*both)) == {1, 2}


async def test_one_that_goes_away_takes_the_answer_from_nobody() -> None:
    shared, maker = SharedAnswers(), Maker()
    gone, stays = asking(shared, maker), asking(shared, maker)
    await begun(maker, 1)
    gone.cancel()
    maker.lets.release()
    assert await stays == 1


async def test_what_fails_fails_for_those_who_waited_and_is_made_again_for_the_next() -> None:
    async def fails() -> int:
        raise ValueError("gone")

    shared, maker = SharedAnswers(), Maker()
    found = await asyncio.gather(asking(shared, fails), asking(shared, fails), return_exceptions=True)
    assert [str(one) for one in found] == ["gone", "gone"]
    maker.lets.release()
    assert await asking(shared, maker) == 1
    with pytest.raises(ValueError, match="gone"):
        await shared.get("fleet", fails)


async def test_those_who_wait_together_get_each_their_own_answer_of_one_making() -> None:
    made: list[list[int]] = []

    async def squares(numbers: Sequence[int]) -> list[int]:
        made.append(list(numbers))
        await asyncio.sleep(0)
        return [one * one for one in numbers]

    shared = SharedAnswers()
    first = asyncio.ensure_future(shared.get_each("squares", 7, squares))
    while not made:
        await asyncio.sleep(0)
    later = await asyncio.gather(*(shared.get_each("squares", one, squares) for one in range(5)))
    assert (await first, later, made) == (49, [0, 1, 4, 9, 16], [[7], [0, 1, 2, 3, 4]])


async def test_what_fails_for_those_who_waited_together_is_made_again_for_the_next() -> None:
    async def fails(_: Sequence[int]) -> list[int]:
        raise ValueError("gone")

    async def same(numbers: Sequence[int]) -> Sequence[int]:
        return numbers

    shared = SharedAnswers()
    found = await asyncio.gather(*(shared.get_each("same", one, fails) for one in (1, 2)), return_exceptions=True)
    assert [str(one) for one in found] == ["gone", "gone"]
    assert await shared.get_each("same", 3, same) == 3
