"""How a release ends, for the commands that wait for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from domain.core.errors import SluicewayError

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.client.ports.releases import ReleaseRow

EVERY_S = 0.5
"""Between two looks at a release that ends."""
RECORDED_LOOKS = 20


async def recorded_at(client: Client, id_: str) -> None:
    """Returns when a release that has just begun is in the records, or raises what they say after some looks."""
    for left in reversed(range(RECORDED_LOOKS)):
        try:
            await client.releases.show(id_)
            return
        except SluicewayError as none:
            if none.code != "SLW907" or not left:
                raise
        await asyncio.sleep(EVERY_S)


async def ended(client: Client, id_: str) -> ReleaseRow:
    """How a release ends, once it has."""
    while True:
        row = (await client.releases.show(id_)).row
        if row.ended_at is not None:
            return row
        await asyncio.sleep(EVERY_S)
