"""An API server that knows one thing: the `exec` subresource over a WebSocket, with an echo as its only program."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters.access import Access

TOKEN = "of-the-cluster"


@dataclass
class ExecServer:
    """What it was asked."""

    url: str = ""
    protocols: tuple[str, ...] = ("v5.channel.k8s.io", "v4.channel.k8s.io")
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    sizes: list[dict[str, int]] = field(default_factory=list)
    elsewhere: str = ""
    """Where everything is said to be; empty: here."""
    handshakes: int = 0
    names: list[list[tuple[str, str]]] = field(default_factory=list)
    """In whose name each command was asked for: the headers that say it."""
    forbidden: str = ""
    """The words with which everything is forbidden; empty: nothing is."""
    left: int = 0
    """Connections that ended before the command."""

    def register(self, addresses: Path, cluster: str = "edge", *, impersonate: bool = False) -> None:
        """Makes it a known cluster."""
        file = addresses.parent / f"{cluster}.kubeconfig"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(kubeconfig(self.url)))
        AddressBook(addresses).remember(cluster, Access(f"file:{file}"), impersonate=impersonate)

    def looked_at(self, connection: ServerConnection, request: Request) -> Response | None:
        """Only with the cluster's token, and only the pod `web`."""
        self.handshakes += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return connection.respond(HTTPStatus.UNAUTHORIZED, "{}")
        named = [one for one in request.headers.raw_items() if one[0].lower().startswith("impersonate-")]
        self.names.append(named)
        if self.forbidden:
            return connection.respond(HTTPStatus.FORBIDDEN, json.dumps({"message": self.forbidden}))
        if self.elsewhere:
            moved = connection.respond(HTTPStatus.FOUND, "{}")
            moved.headers["Location"] = self.elsewhere
            return moved
        if not urlsplit(request.path).path.endswith("/pods/web/exec"):
            return connection.respond(HTTPStatus.NOT_FOUND, json.dumps({"message": "pods not found"}))
        return None

    async def speak(self, connection: ServerConnection) -> None:
        """Echoes; `exit N` and Enter ends with that code, `flood` says megabytes, `err` says something as an error."""
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        self.asked.append(query)
        line = b""
        try:
            await connection.send(b"\x01$ ")
            if query["command"] == ["missing"]:
                await connection.send(b'\x03{"status":"Failure","message":"no such file"}')
                return
            if query["command"] == ["true"]:
                await connection.send(b"\x01\x1b]0;t\x07")
                await ended(connection, 0)
                return
            async for message in connection:
                assert isinstance(message, bytes)
                if message[0] == 4:
                    self.sizes.append(json.loads(message[1:]))
                    continue
                line += message[1:]
                await connection.send(b"\x01" + message[1:].replace(b"\r", b"\r\n"))
                if not line.endswith((b"\r", b"\n")):
                    continue
                word, line = line.strip(), b""
                if word.startswith(b"exit"):
                    await ended(connection, int(word[4:] or b"0"))
                    return
                if word == b"err":
                    await connection.send(b"\x02no\r\n")
                while word == b"flood":
                    await connection.send(b"\x01" + b"y\r\n" * 10_000)
            self.left += 1
        except ConnectionClosed:
            self.left += 1


async def ended(connection: ServerConnection, code: int) -> None:
    """As a kubelet says it."""
    status: dict[str, object] = {"status": "Success"}
    if code:
        causes = [{"reason": "ExitCode", "message": str(code)}]
        status = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
    await connection.send(b"\x03" + json.dumps(status).encode())


def kubeconfig(url: str) -> dict[str, object]:
    """With its token."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
    }


@asynccontextmanager
async def exec_server(*protocols: str) -> AsyncIterator[ExecServer]:
    """On a port of its own, until the block ends."""
    made = ExecServer(protocols=protocols or ExecServer.protocols)
    spoken = [Subprotocol(one) for one in made.protocols]
    async with serve(made.speak, "127.0.0.1", 0, subprotocols=spoken, process_request=made.looked_at) as server:
        (socket,) = server.sockets
        made.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        yield made
