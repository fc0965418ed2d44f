"""queues: holders and waiters of concurrency groups and environment locks."""

from __future__ import annotations

from datetime import datetime

import click

from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from workers.cli.session import pages
from workers.cli.shown import as_json, print_json
from workers.client.ports.releases import QueueRow
from workers.views.output import out

SHOWN = 20
MOST = 10_000


@click.command()
@click.argument("group", required=False)
@as_json
def queues(group: str | None, json_: bool) -> None:
    """Show concurrency groups and environments: who holds a slot, who is waiting, and for how long.

    GROUP is the name of a group or an environment; without it, all that are in use are shown.
    """
    known = pages(MOST, lambda client, page: client.releases.queues(page))
    found = [one for one in known if group in (None, one.id.partition("/")[2], _name(one.id))]
    if group and not found:
        raise SluicewayError("SLW908", f"nobody holds or waits for a slot in '{group}'", fix="sluiceway queues")
    if json_:
        print_json(found)
        return
    for one in found:
        _print(one)
    if not found:
        out("nobody holds or waits for a slot")


def _name(id_: str) -> str:
    """`main` of `queue/runs/main`, `production` of `environment/production`."""
    return id_.split("/", 2 if id_.startswith("queue/") else 1)[-1]


def _print(one: QueueRow) -> None:
    held = f", {duration_text(one.hold_s)} each" if one.hold_s else ""
    out(f"{one.id}: {len(one.holders)} of {one.limit} slots in use, {one.length} waiting ({one.order}{held})")
    for place in one.holders:
        since = f" since {datetime.fromtimestamp(place.since):%H:%M:%S}" if place.since else ""
        out(f"  {place.who:<40} holds{since}{', being evicted' if place.evicted else ''}")
    for waiter in one.waiting[:SHOWN]:
        out(f"  {waiter.who:<40} waits {waiter.place}".rstrip())
    if one.length > SHOWN:
        out(f"  and {one.length - SHOWN} more")
