"""What a run waits for: approvals, slots, and its releases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from domain.core import ids
from domain.core.errors import SluicewayError
from domain.queues import queue
from workers.client import queues, releases
from workers.client.client import Engine
from workflows.runs.messages import RunView

SLOT = "a slot in "
"""How a run says that it waits in a queue; then comes the group, and its place as it was some seconds ago."""


async def waits(engine: Engine, view: RunView, open_releases: Sequence[str]) -> list[str]:
    """One line for each thing that a run, or one of its releases, waits for; places as the queues have them now."""
    slots = [_place(engine, who, text) for who, text in view.slots.items()]
    told = await asyncio.gather(*slots, *(_release(engine, id_) for id_ in open_releases))
    now = dict(zip(view.slots.values(), told, strict=False))
    return [*(now.get(text) or text for text in view.waiting_for), *filter(None, told[len(slots) :])]


async def _place(engine: Engine, who: str, text: str) -> str:
    """Empty: its queue does not say."""
    job, _, rest = text.partition(SLOT)
    group = rest.partition(": place ")[0]
    id_ = ids.queue_id("jobs" if " " in who else "runs", group)
    words = await _words(engine, id_, who)
    return f"{job}{SLOT}{id_}: {words}" if words else ""


async def _release(engine: Engine, id_: str) -> str:
    """Empty: it waits for nothing, or nobody answers."""
    try:
        waits = (await releases.view(engine, id_)).waiting_for
    except SluicewayError:
        return ""
    place = await _words(engine, ids.environment_id(id_.split("/")[2]), id_) if waits else ""
    return f"{id_}: {waits}{f' ({place})' if place else ''}" if waits else ""


async def _words(engine: Engine, id_: str, who: str) -> str:
    known = await queues.one(engine, id_)
    return queue.words(known, time.time()).get(who, "") if known else ""
