"""Virtual time: how something takes a while on a server that skips."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

SETTLE_S = 0.02
"""Real time between the end of an attempt and the next: the server gives both the same token, and the worker would take
the second one for the first when it came before the answer to the first one's end."""


@dataclass
class Clock:
    client: Client
    _releasing: set[asyncio.Task[None]] = field(default_factory=set)

    async def takes(self, seconds: float) -> ApplicationError:
        """To be raised by a first attempt, whose second one then comes after this time."""
        await self.hold()
        task = asyncio.create_task(self._release_later())
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
        delay, benign = timedelta(seconds=seconds), ApplicationErrorCategory.BENIGN
        return ApplicationError("it takes its time", next_retry_delay=delay, category=benign)

    async def hold(self) -> None:
        """Nothing is skipped until it is released as often as it was held."""
        await self.client.test_service.lock_time_skipping(LockTimeSkippingRequest())

    async def release(self) -> None:
        await self.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())

    async def _release_later(self) -> None:
        await asyncio.sleep(SETTLE_S)
        await self.release()
