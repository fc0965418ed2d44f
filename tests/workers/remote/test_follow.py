"""A log that is followed far away has every line once, in order, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import RefusedError, SluicewayError
from tests.support.far import far_client
from tests.support.memory_client import memory_client, seeded
from workers.client import following
from workers.client.following import follow
from workers.client.ports.runs import LogLine, LogPart
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.runs import RemoteRuns


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real = asyncio.sleep

    async def at_once(seconds: float) -> None:
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", at_once)


class Growing:
    """A log of which more is there at each look."""

    def __init__(self, total: int, step: int, fails_at: int = -1) -> None:
        self.total, self.step, self.known, self.looks, self.fails_at = total, step, 0, 0, fails_at

    async def log(self, run: str, job: str, attempt: int = 1, *, first: int = 0, limit: int = 500) -> LogPart:
        self.looks += 1
        if self.looks == self.fails_at:
            raise RefusedError("SLW410", "you may not do this", rule="grant/7")
        lines = tuple(LogLine(n, 0, "out", f"line {n}") for n in range(first, min(self.known, first + limit - 1) + 1))
        part = LogPart(lines=lines, first=first, total=self.known, ended=self.known == self.total)
        self.known = min(self.total, self.known + self.step)
        return part


async def _numbers(runs: Any) -> list[int]:
    return [line.number async for part in follow(runs, "a/1", "b") for line in (part.lines if part else ())]


@given(st.integers(0, 5000), st.integers(1, 3000))
def test_each_line_comes_once_and_in_order(total: int, step: int):
    async def all_() -> list[int]:
        return await _numbers(Growing(total, step))

    assert asyncio.run(all_()) == list(range(1, total + 1))


def _far(near: Any) -> Any:
    from dataclasses import replace

    return far_client(replace(memory_client(), runs=near)).runs


async def test_it_is_the_same_far_away():
    assert await _numbers(_far(Growing(2500, 700))) == list(range(1, 2501))


async def test_rights_that_are_taken_back_end_it_with_the_rule():
    with pytest.raises(RefusedError) as refused:
        await _numbers(_far(Growing(50, 10, fails_at=4)))
    assert (refused.value.code, refused.value.rule) == ("SLW410", "grant/7")


async def test_a_job_that_is_not_there_is_an_error_of_its_own():
    with pytest.raises(SluicewayError) as unknown:
        await _numbers_of(far_client(memory_client(seeded())).runs, "web-shop/999")
    assert unknown.value.code == "SLW911"


async def _numbers_of(runs: Any, run: str) -> list[int]:
    return [line.number async for part in follow(runs, run, "b") for line in (part.lines if part else ())]


class Cut(httpx2.AsyncByteStream):
    """The body of an answer whose connection breaks."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data
        raise httpx2.ReadError("reset by peer")


def _line(number: int, *, ended: bool = False) -> bytes:
    part = {"lines": [{"number": number, "at": 0, "stream": "out", "text": "x"}], "first": number, "total": number}
    return json.dumps({"part": {**part, "ended": ended}}).encode() + b"\n"


async def test_a_connection_that_breaks_is_made_again_from_the_line_after():
    answers: Iterator[bytes] = iter((_line(1) + _line(2), _line(3)[:20], _line(3) + b"\n\n", _line(4, ended=True)))
    asked: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params["first"])
        return httpx2.Response(200, stream=Cut(next(answers)))

    runs = RemoteRuns(Connection(http_of("https://far.example", transport=httpx2.MockTransport(handler))))
    assert await _numbers(runs) == [1, 2, 3, 4]
    assert asked == ["1", "3", "3", "4"]


@pytest.mark.parametrize("line", [b"nothing\n", b"{}\n", b'{"part": 7}\n', b'{"problem": []}\n', b"[" * 9999 + b"\n"])
async def test_a_line_that_is_none_of_ours_is_not_believed(line: bytes):
    answer = httpx2.Response(200, content=line)
    transport = httpx2.MockTransport(lambda request: answer)
    with pytest.raises(SluicewayError) as refused:
        await _numbers(RemoteRuns(Connection(http_of("https://far.example", transport=transport))))
    assert refused.value.code == "SLW478"


async def test_who_waits_hears_that_nothing_is_new(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "EVERY_S", 5.0)
    log = Growing(1, 1)
    log.known, log.step = 0, 0
    quiet = follow(log, "a/1", "b", quiet_s=10)  # type: ignore[arg-type]
    assert [await anext(quiet) for _ in range(2)] == [None, None]
    assert log.looks == 4
