"""What a run waits for: approvals, slots, and its releases."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from domain.core.errors import SluicewayError
from domain.queues import queue
from workers.client import queues, releases, runs
from workers.client.client import Engine


async def waits(engine: Engine, run: str, open_releases: Sequence[str]) -> list[str]:
    """One line for each thing that a run, or one of its releases, waits for.

    Raises:
        SluicewayError: the run's status is unavailable.
    """
    view = await runs.view(engine, run)
    if not view.waiting_for:
        return []
    places = await _places(engine)
    # the run's own copy of its position may be some seconds old
    old = {text for who, text in view.slots.items() if who in places}
    found = [text for text in view.waiting_for if text not in old]
    found += [f"a slot in {id_}: {words}" for who, (id_, words) in places.items() if who.partition(" ")[0] == run]
    for id_ in open_releases:
        with contextlib.suppress(SluicewayError):
            asked = (await releases.view(engine, id_)).waiting_for
            place = f" ({places[id_][1]})" if id_ in places else ""
            found += [f"{id_}: {asked}{place}"] if asked else []
    return found


async def _places(engine: Engine) -> dict[str, tuple[str, str]]:
    """Waiter to its queue and position."""
    states = await queues.states(engine)
    return {who: (id_, text) for id_, one in states.items() for who, text in queue.words(one, time.time()).items()}
