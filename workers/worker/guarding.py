"""What a worker does beside its work against strangers on its server: it counts, tells, sweeps and tidies its keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from temporalio.client import Client

from activities.notifications.port import Notice, Notifier
from domain.core.values import number
from workers.core.keyring import Keyring
from workers.core.refused import Refusals, Refused
from workers.core.settings import TASK_QUEUE
from workers.worker import first_keys
from workers.worker.beside import Beside
from workers.worker.strays import Strays
from workers.worker.temporal import WORKFLOWS
from workflows.core.activity_options import JOBS, WATCHES

QUEUES = frozenset({TASK_QUEUE, TASK_QUEUE + JOBS, TASK_QUEUE + WATCHES})
TYPES = frozenset(str(getattr(one, "__temporal_workflow_definition").name) for one in WORKFLOWS)
FLUSH_S = 1.0
NOTICE_EVERY_S = 60.0
_log = logging.getLogger("sluiceway.worker")


def tasks(
    client: Client, ring: Keyring, refusals: Refusals, channels: Sequence[Notifier], *, alone: bool
) -> tuple[Beside, ...]:
    """What runs until the worker stops. `alone`: nobody else may use the server."""
    strays = Strays(client, ring, refusals, QUEUES, TYPES, alone=alone)
    return (
        Beside("ends what nobody of ours has started", strays.watch),
        Beside("forgets keys for messages", partial(first_keys.tidy, client, ring)),
        Beside("tells of refused messages", Telling(refusals, channels).watch),
    )


@dataclass
class Telling:
    """A line of the log for each second in which something was refused, and a notice for each minute."""

    refusals: Refusals
    channels: Sequence[Notifier]
    told_at: float = float("-inf")
    untold: int = 0

    async def watch(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(FLUSH_S)
            new = await asyncio.to_thread(self.refusals.flush)
            await self.tell(new, asyncio.get_running_loop().time())

    async def tell(self, new: Refused | None, now: float) -> None:
        """`now`: seconds of a clock that never goes back."""
        if new:
            _log.warning("%s", new)
            self.untold += new.messages + new.executions
        if not new or now - self.told_at < NOTICE_EVERY_S:
            return
        text = f"{number(self.untold, 'message')} did not come from this engine: {new.last()}"
        self.told_at, self.untold = now, 0
        for channel in self.channels:
            await channel.notify(Notice("message-refused", new.workflow_id, text))
