"""queues: holders and waiters of concurrency groups and environment locks."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime

import click

from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from domain.queues import queue
from workers.cli.common import as_json, print_json, with_engine
from workers.core.settings import current
from workers.views.output import out

SHOWN = 20


@click.command()
@click.argument("group", required=False)
@as_json
def queues(group: str | None, json_: bool) -> None:
    """Show concurrency groups and environments: who holds a slot, who is waiting, and for how long.

    GROUP is the name of a group or an environment; without it, all that are in use are shown.
    """
    from workers.client.queues import states

    known = with_engine(current(), states)
    found = {id_: one for id_, one in known.items() if group in (None, id_.partition("/")[2], _name(id_))}
    if group and not found:
        raise SluicewayError("SLW908", f"nobody holds or waits for a slot in '{group}'", fix="sluiceway queues")
    if json_:
        print_json([{"id": id_, **asdict(one), "places": queue.words(one, time.time())} for id_, one in found.items()])
        return
    for id_, one in sorted(found.items()):
        if group or not one.empty:
            _print(id_, one)
    if all(one.empty for one in found.values()):
        out("nobody holds or waits for a slot")


def _name(id_: str) -> str:
    """`main` of `queue/runs/main`, `production` of `environment/production`."""
    return id_.split("/", 2 if id_.startswith("queue/") else 1)[-1]


def _print(id_: str, one: queue.Queue) -> None:
    held = f", {duration_text(one.hold_s)} each" if one.hold_s else ""
    out(f"{id_}: {len(one.holders)} of {one.limit} slots in use, {len(one.waiting)} waiting ({one.order}{held})")
    for place in one.holders:
        since = f"since {datetime.fromtimestamp(place.since).astimezone():%H:%M:%S}" if place.since else ""
        out(f"  {place.who:<40} holds {since}{', being evicted' if place.evicted else ''}")
    for who, words in list(queue.words(one, time.time()).items())[:SHOWN]:
        out(f"  {who:<40} waits {words}")
    if len(one.waiting) > SHOWN:
        out(f"  and {len(one.waiting) - SHOWN} more")
