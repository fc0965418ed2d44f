"""An API server that lists by pages, watches with bookmarks, expires, refuses and goes away as it is told: HTTP on a
loopback port, in the event loop of its test."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from activities.kubernetes.client import Kube
from domain.clusters.access import Access
from domain.inventory.rows import READERS

PATHS = {kind: reader.path for kind, reader in READERS.items()} | {"Event": "/api/v1/events"}
Object = dict[str, Any]


class PlayedCluster:
    """`refused`: status by path. `page`: objects of a part of a list, whatever was asked for."""

    def __init__(self) -> None:
        self.version = 100
        self.objects: dict[str, dict[tuple[str, str], Object]] = {path: {} for path in PATHS.values()}
        self.refused: dict[str, int] = {}
        self.bodies: dict[str, bytes] = {}
        """Answers in place of lists, by path."""
        self.page = 500
        self.expired_below = 0
        """Versions below it are too old for a watch."""
        self.expires_once: set[str] = set()
        """Paths whose next `continue` is too old."""
        self.asked: list[str] = []
        self.away = False
        self.port = 0
        self._told: list[tuple[int, str, str, Object]] = []
        self._news = asyncio.Condition()
        self._open: set[asyncio.StreamWriter] = set()

    @classmethod
    @asynccontextmanager
    async def here(cls) -> AsyncIterator[PlayedCluster]:
        played = cls()
        server = await asyncio.start_server(played._serve, "127.0.0.1", 0)
        played.port = server.sockets[0].getsockname()[1]
        try:
            yield played
        finally:
            server.close()
            played.cut()
            while played.connections:
                await asyncio.sleep(0)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def kubeconfig(self) -> str:
        cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}
        context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
        user = {"name": "u", "user": {"token": "t"}}
        known = {"clusters": [cluster], "contexts": [context], "users": [user], "current-context": "c"}
        return json.dumps({"apiVersion": "v1", "kind": "Config", **known})

    def kube(self) -> Kube:
        return Kube(Access("played"), Path("/nonexistent"), self.kubeconfig())

    async def put(self, kind: str, name: str, namespace: str = "", **fields: Any) -> Object:
        path, key = PATHS[kind], (namespace, name)
        self.version += 1
        before = self.objects[path].get(key)
        meta = {"name": name, "uid": f"uid-{kind}-{namespace}-{name}", "creationTimestamp": "2026-01-01T00:00:00Z"}
        meta |= {"namespace": namespace} if namespace else {}
        meta |= {**fields.pop("metadata", {}), "resourceVersion": str(self.version)}
        one = self.objects[path][key] = {"metadata": meta, **fields}
        await self._tell(path, "MODIFIED" if before else "ADDED", one)
        return one

    async def delete(self, kind: str, name: str, namespace: str = "") -> None:
        self.version += 1
        one = self.objects[PATHS[kind]].pop((namespace, name))
        gone = {**one, "metadata": {**one["metadata"], "resourceVersion": str(self.version)}}
        await self._tell(PATHS[kind], "DELETED", gone)

    async def bookmark(self) -> None:
        self.version += 1
        for path in self.objects:
            await self._tell(path, "BOOKMARK", {"metadata": {"resourceVersion": str(self.version)}})

    async def say(self, kind: str, word: str, one: Object) -> None:
        """Any event of a watch."""
        await self._tell(PATHS[kind], word, one)

    def cut(self) -> None:
        """All connections break."""
        for one in list(self._open):
            one.transport.abort()

    async def _tell(self, path: str, word: str, one: Object) -> None:
        self._told.append((self.version, path, word, one))
        await self._wake()

    # -- HTTP -------------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not self.away:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                if self.away:
                    break
                await self._answer(head.split(" ", 2)[1], reader, writer)
        self._open.discard(writer)
        writer.close()

    async def _answer(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(target)
        asked = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(asked.query).items()}
        if status := self.refused.get(asked.path):
            await _send(writer, {"kind": "Status", "message": "it may not", "code": status}, status)
        elif asked.path == "/version":
            await _send(writer, {"gitVersion": "v1.35.0"})
        elif asked.path not in self.objects:
            await _send(writer, {"kind": "Status", "message": "the server could not find it", "code": 404}, 404)
        elif "watch" in query:
            await self._watch(asked.path, int(query["resourceVersion"]), reader, writer)
        elif body := self.bodies.get(asked.path):
            await _send(writer, body)
        else:
            await self._list(asked.path, query, writer)

    async def _list(self, path: str, query: Mapping[str, str], writer: asyncio.StreamWriter) -> None:
        start = int(query.get("continue", "0"))
        if start and path in self.expires_once:
            self.expires_once.discard(path)
            await _send(writer, {"kind": "Status", "reason": "Expired", "code": 410}, 410)
            return
        every = [one for _, one in sorted(self.objects[path].items())]
        if node := query.get("fieldSelector", "").removeprefix("spec.nodeName="):
            every = [one for one in every if "nodeName" not in str(query) or one["spec"].get("nodeName") == node]
        end = start + min(self.page, int(query.get("limit", self.page)))
        meta = {"resourceVersion": str(self.version), **({"continue": str(end)} if end < len(every) else {})}
        await _send(writer, {"kind": "List", "metadata": meta, "items": every[start:end]})

    async def _watch(self, path: str, version: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n")
        if version < self.expired_below:
            gone = {
                "type": "ERROR",
                "object": {"kind": "Status", "reason": "Expired", "code": 410, "message": "too old"},
            }
            await _chunk(writer, gone)
            writer.write(b"0\r\n\r\n")
            return
        place = next((i for i, told in enumerate(self._told) if told[0] > version), len(self._told))
        left = asyncio.ensure_future(reader.read(1))  # whoever watches says no more, and then leaves
        left.add_done_callback(lambda _: asyncio.ensure_future(self._wake()))
        while not left.done():
            told, place = self._told[place:], len(self._told)
            for _, of, word, one in told:
                if of == path:
                    await _chunk(writer, {"type": word, "object": one})
            async with self._news:
                if not left.done() and place == len(self._told):
                    await self._news.wait()

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()


async def _send(writer: asyncio.StreamWriter, body: Object | bytes, status: int = 200) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
    await writer.drain()


async def _chunk(writer: asyncio.StreamWriter, one: Object) -> None:
    """In two parts: a line that comes in pieces is one line."""
    data = json.dumps(one).encode() + b"\n"
    for part in (data[:10], data[10:]):
        writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        await writer.drain()
