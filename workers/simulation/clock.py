"""Virtual time: makes activities take time on a time-skipping server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

SETTLE_S = 0.02
"""Real time between the end of an attempt and the next: the server gives both the same token, and the worker would
confuse the second one with the first, if it came before the answer to the first one's end.
"""

QUIET_S = 0.1
"""Real time after which a workflow has settled, however busy the machine is."""


@dataclass
class Clock:
    """Holds and releases the virtual time of a test server, which skips while nothing runs."""

    client: Client
    waits: Callable[[], bool] = bool
    """Whether a long timer is pending, so that a skip at the wrong moment would be long."""
    _releasing: set[asyncio.Task[None]] = field(default_factory=set)

    async def takes(self, seconds: float) -> ApplicationError:
        """Raised by a first attempt; the second one follows after this time."""
        await self.hold()
        self._then(asyncio.sleep(SETTLE_S))
        delay, benign = timedelta(seconds=seconds), ApplicationErrorCategory.BENIGN
        return ApplicationError("it takes its time", next_retry_delay=delay, category=benign)

    async def hold(self) -> None:
        """Stops time skipping until every hold is released."""
        await self.client.test_service.lock_time_skipping(LockTimeSkippingRequest())

    async def release(self) -> None:
        """Takes back one `hold`."""
        await self.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())

    async def calm(self) -> None:
        """Before an attempt ends whose end may end others: the server skips while a cancel is in progress."""
        if self.waits():
            await self.hold()
            self._then(self._quiet(str(activity.info().workflow_id)))

    async def _quiet(self, workflow_id: str) -> None:
        handle, before, since = self.client.get_workflow_handle(workflow_id), -1, time.monotonic()
        while time.monotonic() < since + QUIET_S:
            length = (await handle.describe()).history_length
            before, since = length, since if length == before else time.monotonic()
            await asyncio.sleep(SETTLE_S)

    def _then(self, awaited: Coroutine[None, None, None]) -> None:
        """Releases in the background, after something else."""

        async def release() -> None:
            try:
                await awaited
            finally:
                await self.release()

        task = asyncio.create_task(release())
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
