"""An API server that answers without an end fills nobody's memory, and holds nobody for ever."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration
from urllib3 import HTTPResponse

from activities.kubernetes import answers
from activities.kubernetes.answers import bound, text_of
from domain.core.errors import SluicewayError


class Endless(io.RawIOBase):
    """A body that goes on."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    return HTTPResponse(body, headers or {}, status, preload_content=False)


def times() -> Iterator[float]:
    return (at * 100.0 for at in count())


def test_an_answer_has_so_many_bytes_and_takes_so_long() -> None:
    assert text_of(answer(io.BytesIO("끝".encode()))) == "끝"
    with pytest.raises(SluicewayError, match="no end"):
        text_of(answer(io.BufferedReader(Endless())), most=1_000_000)
    clock = times()
    with pytest.raises(SluicewayError, match="not whole"):
        text_of(answer(io.BufferedReader(Endless())), clock=lambda: next(clock))


def test_what_is_packed_counts_as_it_is_unpacked() -> None:
    bomb = {"Content-Encoding": "gzip"}
    assert text_of(answer(io.BytesIO(gzip.compress(b"{}")), headers=bomb)) == "{}"
    with pytest.raises(SluicewayError, match="no end"):
        text_of(answer(io.BytesIO(gzip.compress(b"0" * 10_000_000)), headers=bomb), most=1_000_000)


def test_a_refusal_is_read_with_bounds_too(monkeypatch: pytest.MonkeyPatch) -> None:
    api = ApiClient(Configuration(host="https://nowhere"))
    said: list[HTTPResponse] = [
        answer(io.BytesIO(b'{"message": "no"}'), 403),
        answer(io.BufferedReader(Endless()), 500),
    ]
    monkeypatch.setattr(api.rest_client.pool_manager, "request", lambda *_, **__: said.pop(0))
    monkeypatch.setattr(answers, "MOST_REFUSAL", 100_000)
    bound(api)
    pool = api.rest_client.pool_manager
    refused = pool.request("GET", "https://nowhere/version", preload_content=False)
    assert (refused.status, refused.data) == (403, b'{"message": "no"}')
    with pytest.raises(SluicewayError, match="no end"):
        pool.request("GET", "https://nowhere/version", preload_content=False)
