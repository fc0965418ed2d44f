"""Every cluster gets its share of the pages that are read at once, whatever others do with theirs."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from activities.inventory.connection import LateError
from activities.inventory.turns import PAGES, PAGES_OF_ONE, Pages, Turns


async def reads(of: Turns, over: asyncio.Event | None = None) -> None:
    """A page, which is whole once it is over; None: at once."""
    async with of.one():
        if over:
            await over.wait()


async def hostile(of: Turns) -> None:
    """Again and again, and never whole."""
    while True:
        with suppress(LateError):
            await reads(of, asyncio.Event())


async def ended(*tasks: asyncio.Task[None]) -> None:
    for one in tasks:
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def begun(*works: Turns, over: asyncio.Event) -> list[asyncio.Task[None]]:
    return [asyncio.ensure_future(reads(one, over)) for one in works]


async def test_one_cluster_takes_two_of_the_turns_that_all_have() -> None:
    every, over = Pages(), asyncio.Event()
    slow, other = Turns(every), Turns(every)
    held = begun(*[slow] * (PAGES_OF_ONE + 1), over=over)
    await asyncio.sleep(0)
    await reads(other)
    over.set()
    await asyncio.gather(*held)


async def test_whoever_is_slow_keeps_its_turn_while_nobody_waits() -> None:
    every, over = Pages(most=1, held_s=0), asyncio.Event()
    (held,) = begun(Turns(every), over=over)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not held.done()
    over.set()
    await held


async def test_whoever_is_slow_gives_its_turn_to_who_waits_and_says_why() -> None:
    every = Pages(most=1, held_s=0)
    slow = Turns(every)
    (held,) = begun(slow, over=asyncio.Event())
    await asyncio.sleep(0)
    await reads(Turns(every))
    with pytest.raises(LateError, match="given up"):
        await held
    assert slow.late
    await reads(slow)
    assert not slow.late


async def test_however_many_are_hostile_one_that_answers_gets_its_turns() -> None:
    every = Pages(held_s=0)
    bad = [asyncio.ensure_future(hostile(one)) for one in [Turns(every) for _ in range(20)] for _ in range(2)]
    good = Turns(every)
    for _ in range(100):
        await reads(good)
    assert not good.late
    await ended(*bad)


async def test_all_that_were_slow_have_half_of_the_turns() -> None:
    every, over = Pages(), asyncio.Event()
    slow = [Turns(every) for _ in range(PAGES)]
    for one in slow:
        one.late = True
    held = begun(*slow, over=over)
    await asyncio.sleep(0)
    fresh = [asyncio.ensure_future(reads(Turns(every))) for _ in range(PAGES)]
    await asyncio.gather(*fresh)
    over.set()
    await asyncio.gather(*held)


async def test_whoever_stops_waiting_or_reading_leaves_no_turn_taken() -> None:
    every = Pages(most=1)
    for waits in (1, 3):
        tasks = begun(*[Turns(every) for _ in range(waits)], over=asyncio.Event())
        await asyncio.sleep(0)
        await ended(*tasks)
    await reads(Turns(every))
