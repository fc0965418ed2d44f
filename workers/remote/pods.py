"""Pods of a server's clusters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict

from workers.client.ports.addresses import quoted, segment
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.pods import ObjectAt, PodDetails, PodLogs, PodPlan, PodRequest, PodRow
from workers.client.ports.runs import LogPart
from workers.remote.connection import Connection, Query
from workers.remote.log_lines import followed
from workers.remote.made import Containers, Made, Said


class RemotePods:
    """`Pods` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def plan(self, asked: PodRequest) -> PodPlan:
        """See `Pods`."""
        return await self._server.post("/pods/plans", PodPlan, asked)

    async def apply(self, asked: PodRequest, digest: str, key: str = "") -> str:
        """See `Pods`. The digest is what the request matches."""
        headers = {"If-Match": f'"{digest}"'}
        return (await self._server.post("/pods", Made, asked, key=key, headers=headers)).id

    async def list(self, cluster: str, namespace: str, page: PageOf, *, running: bool = False) -> Page[PodRow]:
        """See `Pods`."""
        which: Query = {"cluster": cluster, "namespace": namespace, "running": running, **asdict(page)}
        return await self._server.get("/pods", Page[PodRow], which)

    async def show(self, id_: str) -> PodDetails:
        """See `Pods`."""
        return await self._server.get(f"/pods/{segment(id_, 'pod')}", PodDetails)

    async def end(self, id_: str, reason: str, key: str = "") -> None:
        """See `Pods`."""
        await self._server.post(f"/pods/{segment(id_, 'pod')}/end", Said, {"reason": reason}, key=key)

    async def restart(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """See `Pods`."""
        return (await self._server.post(f"{_object(what)}/restart", Made, {"reason": reason}, key=key)).id

    async def remove(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """See `Pods`."""
        return (await self._server.post(f"{_object(what)}/delete", Made, {"reason": reason}, key=key)).id

    async def log(self, which: PodLogs, *, first: int = 0, limit: int = 500) -> LogPart:
        """See `Pods`."""
        return await self._server.get(f"{_pod(which)}/log", LogPart, {**_of(which), "first": first, "limit": limit})

    async def stream(self, which: PodLogs, first: int) -> AsyncIterator[LogPart]:
        """Parts from a line on, until the log ends. A connection that breaks is made again, from the next line."""
        async for part in followed(self._server, f"{_pod(which)}/log/stream", _of(which), first):
            yield part

    async def search(self, which: PodLogs, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """See `Pods`."""
        query = {**_of(which), "text": text, "limit": limit}
        return await self._server.get(f"{_pod(which)}/log/search", tuple[int, ...], query)

    async def containers(self, cluster: str, namespace: str, pod: str) -> tuple[str, ...]:
        """See `Pods`."""
        which = PodLogs(cluster=cluster, namespace=namespace, pod=pod)
        return (await self._server.get(f"{_pod(which)}/containers", Containers)).names


def _pod(which: PodLogs) -> str:
    return f"/clusters/{quoted(which.cluster)}/namespaces/{quoted(which.namespace)}/pods/{quoted(which.pod)}"


def _object(what: ObjectAt) -> str:
    of = f"/clusters/{quoted(what.cluster)}/namespaces/{quoted(what.namespace)}"
    return f"{of}/objects/{quoted(what.kind)}/{quoted(what.name)}"


def _of(which: PodLogs) -> dict[str, str | int | float | bool | tuple[str, ...]]:
    return {"container": which.container, "previous": which.previous}
