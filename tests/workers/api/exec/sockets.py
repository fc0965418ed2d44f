"""How tests get a ticket, open a socket with it, and read on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from domain.pods.exec_session import ExecTarget
from tests.workers.api.exec.scene import TARGET, Scene
from workers.client.ports.terminals import ExecTicket, LiveSession
from workers.remote import exec_wire as wire

PATH = f"/api/v1{wire.PATH}"


async def until(live: LiveSession, wanted: bytes) -> bytes:
    said = b""
    async with asyncio.timeout(120):
        while wanted not in said and (found := await live.read()) is not None:
            said += found[1]
    return said


async def ticket(at: Scene, name: str = "ann", target: ExecTarget = TARGET) -> ExecTicket:
    async with at.client(name) as client:
        return await client.terminals.ask(target, "why is it slow")


def socket(at: Scene, bearer: str = "ann", **more: Any) -> connect:
    port = at.url.rpartition(":")[2]
    sent = {
        "host": "127.0.0.1",
        "proxy": None,
        "close_timeout": 0.1,
        "additional_headers": {"Authorization": f"Bearer {bearer}"},
    }
    return connect(f"ws://sluiceway.localhost:{port}{PATH}", **{"origin": at.url, **sent, **more})


async def told(open_: ClientConnection) -> dict[str, Any]:
    """The last text of the server."""
    last: dict[str, Any] = {}
    async with asyncio.timeout(120):
        try:
            async for message in open_:
                last = json.loads(message) if isinstance(message, str) else last
        except ConnectionClosed:
            pass
    return last
