"""What people do to volume claims of a server."""

from __future__ import annotations

from dataclasses import asdict

from workers.client.ports.addresses import quoted
from workers.client.ports.clusters import SignedOrder
from workers.client.ports.volumes import VolumePlan, VolumeWish
from workers.remote.connection import Connection
from workers.remote.made import Said


class RemoteVolumes:
    """`Volumes` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def plan(self, wish: VolumeWish) -> VolumePlan:
        """See `Volumes`."""
        return await self._server.post(_path(wish, "plans"), VolumePlan, _body(wish))

    async def apply(self, wish: VolumeWish, digest: str, signed: SignedOrder | None = None, key: str = "") -> str:
        """See `Volumes`."""
        body = {"wish": _body(wish), "signed": asdict(signed) if signed else None}
        seen = {"If-Match": f'"{digest}"'}
        return (await self._server.post(_path(wish, "changes"), Said, body, key=key, headers=seen)).text


def _path(wish: VolumeWish, what: str) -> str:
    return f"/clusters/{quoted(wish.cluster)}/volumes/{what}"


def _body(wish: VolumeWish) -> dict[str, object]:
    return {name: value for name, value in asdict(wish).items() if name != "cluster"}
