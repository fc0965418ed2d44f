"""Texts that cost long: each person has one reader at most, and waits for an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.errors import RefusedError
from workers.client import definitions
from workers.client.definitions import TextDefinitions
from workers.client.ports.definitions import Planned


def of(name: str) -> TextDefinitions:
    caller = Caller(principal=Principal(kind=PrincipalKind.PERSON, name=name))
    guard: Any = SimpleNamespace(caller=caller, need=lambda *_: None)
    return TextDefinitions(guard)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Texts named `slow` are read until the event is set."""
    go = threading.Event()

    def read(text: str, branch: str, known: None) -> Planned:
        if text == "slow":
            go.wait(30)
        return Planned(())

    monkeypatch.setattr(definitions, "read", read)
    monkeypatch.setattr(definitions, "_under_way", {})  # a reader of the test before may end after its loop
    yield go
    go.set()


async def test_a_text_that_takes_too_long_is_told_so_as_what_is_wrong_with_it(monkeypatch, held: threading.Event):
    monkeypatch.setattr(definitions, "READ_S", 0.01)
    (remark,) = await of("mallory").lint("slow")
    assert (remark.code, "was not read within" in remark.what) == ("SLW103", True)
    with pytest.raises(RefusedError, match="too many definitions"):
        await of("mallory").lint("slow")
    assert await of("ann").lint("quick") == ()


async def test_a_second_text_of_the_same_person_waits_for_the_first(held: threading.Event):
    first = asyncio.create_task(of("ann").lint("slow"))
    await asyncio.sleep(0)
    second = asyncio.create_task(of("ann").lint("quick"))
    await asyncio.sleep(0)
    assert not second.done()
    held.set()
    assert [*await asyncio.gather(first, second)] == [(), ()]


async def test_when_many_wait_the_next_one_is_told_so(monkeypatch, held: threading.Event):
    monkeypatch.setattr(definitions, "MOST_WAITING", 2)
    waiting = [asyncio.create_task(of(name).lint("slow")) for name in ("a", "b")]
    await asyncio.sleep(0)
    with pytest.raises(RefusedError):
        await of("c").lint("quick")
    held.set()
    await asyncio.gather(*waiting)
