"""What a worker does for the audit: has it signed as it grows, and shows each checkpoint to the witnesses."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from activities.access.checkpoints import Checkpoints, StoredCheckpoint
from activities.notifications.port import Notice, Notifier
from activities.storage.port import Store
from domain.core.errors import RefusedError, SluicewayError
from workers.client import audit_witness
from workers.core.settings import TASK_QUEUE
from workflows.access.messages import AUDIT_ID, NewHead

LOOK_S, REFUSED_S = 5.0, 60.0
_log = logging.getLogger("sluiceway.worker")


@dataclass
class Checkpointing:
    """Of one worker; several of them make each checkpoint once, because the signer signs each size once."""

    checkpoints: Checkpoints
    store: Store
    client: Client
    channels: Sequence[Notifier] = ()
    queue: str = TASK_QUEUE
    id_: str = AUDIT_ID
    kept: int = -1
    """Size of the last checkpoint that all witnesses have."""
    told: str = ""
    """The refusal that people know of."""

    async def watch(self) -> None:
        """Looks for ever. The first look shows the last checkpoint again: a crash may have come in between."""
        while True:
            pause = LOOK_S
            try:
                await self.look()
            except RefusedError:
                pause = REFUSED_S  # it was told
            except (SluicewayError, RPCError) as broken:
                _log.warning("the audit has no new checkpoint: %s", broken)
            except Exception:  # a database or a channel that is away for a moment: without this task nobody signs
                _log.exception("the audit has no new checkpoint")
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Makes a checkpoint where one is due, and shows the newest one to who has not seen it.

        Raises:
            SluicewayError: the signer or the store does not answer.
            RPCError: Temporal does not.
        """
        try:
            if await asyncio.to_thread(self.checkpoints.due):
                await asyncio.to_thread(self.checkpoints.make)
        except RefusedError as refused:
            await self._tell(str(refused))
            raise
        newest = await asyncio.to_thread(self.checkpoints.table.newest)
        if newest is not None and newest.size != self.kept:
            await asyncio.to_thread(self.store.put, newest.note.encode())
            if await self._show(newest):
                self.kept = newest.size

    async def _show(self, newest: StoredCheckpoint) -> bool:
        """Whether the witness has it, or refuses; else another worker was there first, and it is shown again."""

        async def since(old: int) -> NewHead:
            if old > newest.size:
                return NewHead(newest.size, newest.root, newest.note, old)
            proof = await asyncio.to_thread(self.checkpoints.proof, old, newest.size)
            texts = tuple(base64.b64encode(one).decode() for one in proof)
            return NewHead(newest.size, newest.root, newest.note, old, texts)

        answer = await audit_witness.shown(self.client, since, self.queue, self.id_)
        now = await asyncio.to_thread(self.checkpoints.table.newest)  # another worker may have made one meanwhile
        if answer.refused or now is None or answer.head.size > now.size:
            why = answer.refused or f"it has seen {answer.head.size} entries, and fewer are signed here"
            await self._tell(f"{audit_witness.WITNESS} does not take the audit's checkpoint: {why}")
            return True
        return answer.head.size >= newest.size

    async def _tell(self, text: str) -> None:
        if text != self.told:
            self.told = text
            _log.error("%s", text)
            notice = Notice("audit-damaged", self.id_, f"{text}; sluiceway audit verify")
            for channel in self.channels:
                await channel.notify(notice)
