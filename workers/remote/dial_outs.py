"""What the worker in a cluster asks a server, and tells it."""

from __future__ import annotations

from domain.inventory.model import EventRow
from domain.inventory.told import Told
from workers.client.ports.addresses import quoted
from workers.client.ports.dial_outs import Beaten, DialledTask, Greeted, Names, PermitsKey
from workers.remote.connection import Connection


class RemoteDialOuts:
    """`DialOuts` over HTTP. Nothing of it needs a key: what is sent again says the same."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def hello(self, cluster: str, version: str, protocol: int) -> Greeted:
        """See `DialOuts`."""
        body = {"version": version, "protocol": protocol}
        return (await self._server.ask("PUT", _path(cluster, "hello"), body=body)).read(Greeted)

    async def task(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        return await self._taken(cluster, "task")

    async def call(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        return await self._taken(cluster, "call")

    async def _taken(self, cluster: str, what: str) -> DialledTask | None:
        answer = await self._server.ask("PUT", _path(cluster, what))
        return answer.read(DialledTask | None)  # type: ignore[arg-type]  # a union is a type to msgspec

    async def beat(self, cluster: str, handle: str) -> Beaten:
        """See `DialOuts`."""
        return (await self._server.ask("PUT", _path(cluster, "beat"), body={"handle": handle})).read(Beaten)

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        """See `DialOuts`."""
        body = {"handle": handle, "said": said, "failed": failed}
        await self._server.ask("PUT", _path(cluster, "end"), body=body)

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        """See `DialOuts`."""
        await self._server.ask("PUT", _path(cluster, "answer"), body={"handle": handle, "text": text})

    async def tell(self, cluster: str, told: Told) -> None:
        """See `DialOuts`."""
        await self._server.ask("PUT", _path(cluster, "told"), body=told)

    async def names(self, cluster: str, kind: str, namespace: str, name: str) -> Names:
        """See `DialOuts`."""
        query = {"kind": kind, "namespace": namespace, "name": name}
        return await self._server.get(_path(cluster, "names"), Names, query)

    async def going(self, cluster: str) -> tuple[EventRow, ...]:
        """See `DialOuts`."""
        return await self._server.get(_path(cluster, "going"), tuple[EventRow, ...])

    async def permits_key(self, cluster: str) -> PermitsKey:
        """See `DialOuts`."""
        return await self._server.get(_path(cluster, "permits-key"), PermitsKey)


def _path(cluster: str, what: str) -> str:
    return f"/clusters/{quoted(cluster)}/worker/{what}"
