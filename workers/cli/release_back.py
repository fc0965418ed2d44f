"""Takes back a release of several services that has ended: one service after the other, callers first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.cli.release_end import ended
from workers.client.ports.keys import new_key
from workers.client.ports.pages import PageOf
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.client.ports.releases import ClusterRow, ReleaseDetails


async def services_back(client: Client, whole: ReleaseDetails) -> bool:
    """Whether all that it brought are back. The first one that does not get there ends it: what it calls stays.

    Asked again, it goes on where it ended: a service in which something else is live by now is left as it is.
    """
    went = False
    for part in reversed(whole.clusters):  # callees stand first
        keeps = await _keeps(client, whole.row.environment, part)
        if keeps:
            out(f"{part.cluster} stays as it is: {keeps}")
            continue
        started = await client.releases.rollback(whole.row.environment, part.cluster, new_key())
        out(f"{started} started")
        row = await ended(client, started)
        out(f"{part.cluster}: ", coloured(row.verdict), f": {row.reason}")
        if row.verdict != "live":
            return False
        went = True
    return went


async def _keeps(client: Client, environment: str, part: ClusterRow) -> str:
    """Why a service is left as it is; empty: it goes back."""
    live = (await client.releases.live(environment, part.cluster, PageOf(limit=1))).items
    if not part.release or not live or live[0].release != part.release:
        return f"{live[0].version} is live there, by {live[0].release}" if live else "nothing of it is live"
    return "" if (await client.releases.show(part.release)).previous else "there was no version before"
