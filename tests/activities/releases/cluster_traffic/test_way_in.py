"""A scanner reaches one host of a cluster through a proxy on this machine, and nothing else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.jobs.agent_certificate import AgentCertificate
from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.cluster_traffic.way_in import MAX_HEAD, rewritten, way_in

HOST = "preview.shop.example"


class Edge:
    """A router process: says what it was asked, one request a connection."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if b"content-length" in one), 0)
        self.asked.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def edge(secured: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Edge, RouterAddress]]:
    made = Edge()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=secured)
    yield made, RouterAddress("127.0.0.1", server.sockets[0].getsockname()[1], tls=secured is not None)
    server.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """Of a name that nobody asks for: addresses of processes are in no certificate."""
    made, context = AgentCertificate(folder), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.make()
    context.load_cert_chain(made.certificate, made.key)
    return context


def proxied(there: str) -> httpx2.AsyncClient:
    """As wapiti is started: the port of the address is that of its proxy."""
    return httpx2.AsyncClient(proxy=f"http://127.0.0.1:{there.rpartition(':')[2]}", trust_env=False)


async def test_a_scanner_that_goes_by_the_proxy_reaches_the_host_through_the_routers():
    async with edge() as (made, to), way_in([RouterAddress("127.0.0.1", 1), to], HOST) as there, proxied(there) as http:
        answers = [await http.get(f"{there}/greet?name=<x>"), await http.post(f"{there}/", content=b"a=1")]
    assert [one.text for one in answers] == ["ok", "ok"]
    first, second = made.asked
    assert first.startswith(b"GET /greet?name=%3Cx%3E HTTP/1.1\r\nHost: preview.shop.example\r\n")
    assert second.endswith(b"\r\n\r\na=1")


async def test_where_the_gateway_ends_tls_the_scanner_needs_no_certificate(tmp_path: Any):
    async with edge(self_signed(tmp_path)) as (made, to), way_in([to], HOST) as there, proxied(there) as http:
        assert (await http.get(there)).text == "ok"
    assert len(made.asked) == 1


@pytest.mark.parametrize("url", ["http://other.example/", f"http://{HOST}:1/", f"http://{HOST}@other.example/"])
async def test_nothing_else_is_reached_by_it(url: str):
    async with edge() as (made, to), way_in([to], HOST) as there, proxied(there) as http:
        assert (await http.get(url)).status_code == 403
    assert made.asked == []


@pytest.mark.parametrize(
    "said",
    [
        b"CONNECT preview.shop.example:443 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: preview.shop.example\r\n\r\n",
        b"GET  http://preview.shop.example/ HTTP/1.1\r\n\r\n",
        b"GET http://preview.shop.example/ HTTP/1.1\r\nA: b\r\n Host: other\r\n\r\n",
        b"GET http://preview.shop.example/ HTTP/1.1\r\nA: b\nHost: other\r\n\r\n",
        b"\r\n\r\n",
    ],
)
async def test_what_is_no_request_to_a_proxy_is_refused(said: bytes):
    async with edge() as (made, to), way_in([to], HOST) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(there.rpartition(":")[2]))
        writer.write(said)
        assert (await reader.read()).startswith(b"HTTP/1.1 403")
        writer.close()
    assert made.asked == []


async def test_a_head_without_an_end_and_routers_that_are_gone_end_the_connection():
    async with way_in([RouterAddress("127.0.0.1", 1)], HOST) as there, proxied(there) as http:
        assert (await http.get(there)).status_code == 502
        reader, writer = await asyncio.open_connection("127.0.0.1", int(there.rpartition(":")[2]))
        writer.write(b"x" * (2 * MAX_HEAD))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()


async def test_when_it_ends_its_connections_do():
    reached = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    to = RouterAddress("127.0.0.1", server.sockets[0].getsockname()[1])
    async with way_in([to], HOST) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(there.rpartition(":")[2]))
        writer.write(b"GET http://preview.shop.example/ HTTP/1.1\r\n\r\n")
        await reached.wait()
    assert await reader.read() == b""
    writer.close()
    server.close()


@given(st.binary(max_size=300))
def test_whatever_is_sent_only_its_host_is_asked_for(said: bytes):
    for head in (said, b"GET http://preview.shop.example/ HTTP/1.1\r\n" + said):
        made = rewritten(head + b"\r\n\r\n", HOST, 8)
        lines = made.removesuffix(b"\r\n\r\n").split(b"\r\n")
        assert not made or [one for one in lines if one.lower().startswith(b"host")] == [b"Host: preview.shop.example"]
