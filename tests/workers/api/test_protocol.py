"""The head of a request has its limits, on a real socket."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
import uvicorn
from litestar import Litestar, Request, get, post

from workers.api import protocol
from workers.api.protocol import MOST_HEAD_BYTES, BoundedProtocol


@get("/", sync_to_thread=False)
def root() -> str:
    return "here"


@post("/")
async def said(request: Request[None, None, Any]) -> bytes:
    return await request.body()


async def asked(*parts: bytes) -> bytes:
    """What a server answers to these bytes, until it closes."""
    link = socket.socket()
    link.bind(("127.0.0.1", 0))
    app = Litestar([root, said], openapi_config=None, logging_config=None)
    server = uvicorn.Server(uvicorn.Config(app, http=BoundedProtocol, ws="none", log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([link]))
    while not server.started:
        await asyncio.sleep(0)
    reader, writer = await asyncio.open_connection(*link.getsockname())
    for part in parts:
        writer.write(part)
    found = await asyncio.wait_for(reader.read(), 120)
    writer.close()
    server.should_exit = True
    await serving
    return found


HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"
LAST = b"connection: close\r\n\r\n"


async def test_an_ordinary_request_is_answered() -> None:
    assert (await asked(HEAD + LAST)).endswith(b"here")


@pytest.mark.parametrize("large", [b"x: " + b"a" * MOST_HEAD_BYTES, b"y: 1\r\n" * (MOST_HEAD_BYTES // 6 + 1)])
async def test_a_head_that_is_too_large_is_refused_before_it_is_kept(large: bytes) -> None:
    assert (await asked(HEAD + large)).startswith(b"HTTP/1.1 431")


async def test_each_request_of_a_connection_has_a_head_of_its_own() -> None:
    half = b"x: " + b"a" * (MOST_HEAD_BYTES // 2) + b"\r\n"
    answers = await asked(HEAD + half + b"\r\n", HEAD + half + b"\r\n", HEAD + half + LAST)
    assert answers.count(b"HTTP/1.1 200") == 3


async def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.01)
    assert await asked(HEAD) == b""


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_S", 0.01)
    assert b"200" not in await asked(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab")
