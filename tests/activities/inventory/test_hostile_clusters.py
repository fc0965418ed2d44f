"""One cluster that answers what takes long, or much memory, holds up no watch of another one."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from activities.inventory import connection, decoding, following
from activities.inventory.connection import BusyError, TooLargeError
from activities.inventory.decoding import MOST_OF_PAGE, MOST_PARTS, Unfit, decoder_of
from activities.inventory.following import Following, in_turns
from domain.core.errors import SluicewayError
from domain.inventory.shapes import Pod

PODS = decoder_of(Pod)


def pod(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, **more}


def page(*items: Any, go_on: str = "") -> bytes:
    return json.dumps({"metadata": {"resourceVersion": "7", "continue": go_on}, "items": items}).encode()


def names(found: Any) -> list[str]:
    return [one.name if isinstance(one, Unfit) else one.metadata.name for one in found.items]


def test_an_object_that_takes_too_long_is_named_and_hides_no_other() -> None:
    bomb = pod("bomb", spec={"containers": [{}] * MOST_PARTS})
    strange = pod("strange", spec={"containers": [[]] * MOST_PARTS})
    assert names(PODS.page(page(pod("a"), bomb, strange, pod("b")))) == ["a", "bomb", "strange", "b"]
    assert isinstance(PODS.one(json.dumps(bomb).encode()), Unfit)


def test_a_heavy_or_strange_page_is_decoded_object_by_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in one go: its objects are gone through in turns with other clusters'."""
    decoded: list[bytes] = []
    one = PODS.one

    def counted(body: bytes) -> Any:
        decoded.append(bytes(body))
        return one(body)

    monkeypatch.setattr(PODS, "one", counted)
    for body in (page(pod("a"), pod("b", spec=1)), page(*(pod("a") for _ in range(100)))):
        monkeypatch.setattr(decoding, "MOST_PARTS_AT_ONCE", 50)
        found = PODS.page(body)
        assert decoded == []
        next(iter(found.items))
        assert len(decoded) == 1
        decoded.clear()


def test_more_objects_than_anybody_asks_for_are_no_page() -> None:
    for item in (b"{}", b"[]"):
        with pytest.raises(SluicewayError):
            PODS.page(b'{"items": [%s]}' % b",".join([item] * (MOST_OF_PAGE + 1)))


async def test_who_else_has_work_gets_turns_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "TURN_S", -1)
    told: list[str] = []

    async def one(name: str) -> None:
        async for _ in in_turns(range(3)):
            told.append(name)

    await asyncio.gather(one("hostile"), one("other"))
    assert told == ["hostile", "other"] * 3


def answered(body: bytes, packed: str) -> httpx2.Response:
    async def sent() -> AsyncIterator[bytes]:
        yield body

    return httpx2.Response(200, headers={"Content-Encoding": packed}, content=sent())


async def test_a_packed_answer_is_unpacked_piece_by_piece() -> None:
    bomb = answered(gzip.compress(b"0" * 5_000_000), "gzip")
    assert [len(part) async for part in connection._parts(bomb)] == [1_000_000] * 5
    plain = answered(gzip.compress(b'{"items": []}'), "gzip")
    assert b"".join([part async for part in connection._parts(plain)]) == b'{"items": []}'


@pytest.mark.parametrize("packed", ["zstd", "br", "gzip, gzip"])
async def test_what_is_packed_as_nobody_asked_is_not_unpacked(packed: str) -> None:
    with pytest.raises(BusyError):
        [part async for part in connection._parts(answered(b"x" * 100, packed))]


class Served:
    """An API server that answers the same page for ever."""

    def __init__(self, body: bytes) -> None:
        self.body, self.asked = body, 0

    async def get(self, *_: Any) -> bytes:
        self.asked += 1
        return self.body


class Heard:
    """A sink that keeps nothing."""

    is_full = False

    def begin(self) -> None: ...

    def here(self, one: Any) -> None: ...

    async def room(self) -> None: ...


async def test_a_list_without_an_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_LISTED", 2_000)
    for body in (page(pod("a"), go_on="on"), page(go_on="on")):
        server = Served(body)
        follow = Following("/p", PODS, Heard(), lambda one: one.metadata)  # type: ignore[arg-type]
        with pytest.raises(BusyError, match="without an end"):
            await follow._list(server)  # type: ignore[arg-type]
        assert server.asked == 5


async def test_a_page_of_too_many_values_is_asked_for_in_smaller_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_PARTS_OF_PAGE", 2)
    follow = Following("/p", PODS, Heard(), lambda one: one.metadata)  # type: ignore[arg-type]
    with pytest.raises(TooLargeError):
        await follow._list(Served(page(pod("a"))))  # type: ignore[arg-type]
