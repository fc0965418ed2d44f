"""The kubelet hears that a worker is alive while its loop runs, and ready while its server answers it."""

from __future__ import annotations

import asyncio
import socket

import httpx2
import pytest

from workers.dialling.health import READY_S, Pulse, served


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def asked(port: int, path: str) -> int:
    async with httpx2.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code


async def test_it_is_ready_while_it_is_dialled_in_and_alive_all_the_time() -> None:
    now, port = [1_000.0], free_port()
    pulse = Pulse(lambda: now[0])
    async with served(pulse, port):
        assert (await asked(port, "/readyz"), await asked(port, "/livez")) == (503, 200)
        await pulse.heard(httpx2.Response(401))
        assert await asked(port, "/readyz") == 503
        await pulse.heard(httpx2.Response(204))
        assert await asked(port, "/readyz") == 200
        now[0] += READY_S
        assert (await asked(port, "/readyz"), await asked(port, "/livez")) == (503, 200)


@pytest.mark.parametrize("odd", [b"", b"x" * 5_000, b"\n"])
async def test_whoever_asks_something_else_stops_nothing(odd: bytes) -> None:
    port = free_port()
    async with served(Pulse(), port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(odd)
        writer.write_eof()
        await reader.read()
        writer.close()
        assert await asked(port, "/livez") == 200


async def test_without_a_port_nobody_is_answered() -> None:
    async with served(Pulse(), 0):
        pass
