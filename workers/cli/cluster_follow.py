"""Follows a cluster until its operation has finished."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from domain.core import ids as keys
from domain.core.errors import SluicewayError
from workers.cli.common import with_clusters
from workers.core.settings import current
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from workers.client.clusters import Clusters
    from workflows.clusters.messages import ClusterState

wait = click.option("--wait/--no-wait", default=True, help="Wait until the operation has finished.")
POLL_S = 0.2
ENDS = ("ready", "degraded", "failed", "deleted", "stuck")


def follow_cluster(name: str) -> None:
    """Prints progress until the operation ends; exit code 1 when it failed."""

    async def follow(clusters: Clusters) -> ClusterState:
        began, said = time.time() - 1, set()
        while True:
            state = await clusters.view(name)
            for entry in state.log:
                if entry.at > began and entry not in said:
                    out(f"  {datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.words}")
                    said.add(entry)
            if state.status in ENDS and state.wanted is None:
                return state
            await asyncio.sleep(POLL_S)

    state = with_clusters(current(), follow)
    out(f"{keys.cluster_id(name)}  ", coloured(state.status))
    if state.status not in ("ready", "deleted"):
        why = state.blocker.reason if state.blocker else ""
        raise SluicewayError(
            "SLW949", f"cluster {name} is {state.status}", why=why, fix=f"sluiceway cluster show {name}"
        )
