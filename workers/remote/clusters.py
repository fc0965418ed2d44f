"""Clusters of a server: planned, and begun as they were planned."""

from __future__ import annotations

from dataclasses import asdict

from workers.client.ports.addresses import quoted
from workers.client.ports.clusters import (
    ClusterPlan,
    ClusterProgress,
    ClusterStarted,
    ClusterTemplateRow,
    ClusterWish,
    SignedOrder,
)
from workers.remote.connection import Connection


class RemoteClusters:
    """`Clusters` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def templates(self) -> tuple[ClusterTemplateRow, ...]:
        """See `Clusters`."""
        return await self._server.get("/cluster-templates", tuple[ClusterTemplateRow, ...])

    async def progress(self, name: str) -> ClusterProgress:
        """See `Clusters`."""
        return await self._server.get(f"/clusters/{quoted(name)}/progress", ClusterProgress)

    async def plan(self, wish: ClusterWish) -> ClusterPlan:
        """See `Clusters`."""
        return await self._server.post(f"/clusters/{quoted(wish.name)}/plans", ClusterPlan, _plain(wish))

    async def apply(
        self, wish: ClusterWish, digest: str, signed: SignedOrder | None = None, key: str = ""
    ) -> ClusterStarted:
        """See `Clusters`."""
        body = {"wish": _plain(wish), "signed": asdict(signed) if signed else None}
        path, seen = f"/clusters/{quoted(wish.name)}/changes", {"If-Match": f'"{digest}"'}
        return await self._server.post(path, ClusterStarted, body, key=key, headers=seen)


def _plain(wish: ClusterWish) -> dict[str, object]:
    """The name is in the path."""
    said = asdict(wish)
    del said["name"]
    return said
