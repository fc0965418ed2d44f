"""Has the drift of live versions looked for, as often as their registered environments say.

A schedule of Temporal for each such environment: any worker does what is due, and nothing is due while none lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zlib import crc32

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCError

from activities.access.definition_store import DefinitionReader
from activities.access.environments import KIND
from domain.releases.kubernetes.registered import registered, text_of
from workers.core.settings import TASK_QUEUE
from workflows.scans.messages import RescanInput

LOOK_S, LOOKS_AN_HOUR = 30.0, 120
BEGINNING = "drift/"
"""Of the ids of its schedules, and of what they start."""
CATCH_UP = timedelta(seconds=10)
"""The least that Temporal has: a look that was missed is made by the next one."""
_log = logging.getLogger("sluiceway.worker")


@dataclass
class DriftWatch:
    """Of one worker; what several of them set is the same."""

    client: Client
    wanted: Callable[[], Mapping[str, float]]
    """Environment to seconds between two looks."""
    queue: str = TASK_QUEUE
    looks: int = 0
    kept: dict[str, float] = field(default_factory=dict)
    """What this worker has set."""

    async def watch(self) -> None:
        """Sets, changes and removes schedules, for ever."""
        while True:
            try:
                await self.look()
            except RPCError as broken:
                _log.warning("the schedules of drift are as they were: %s", broken.message)
            except Exception:  # a database that is away for a moment: what is set goes on
                _log.exception("the schedules of drift are as they were")
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """What differs from what is registered now. The first look of each hour sets everything, by today's key, and
        removes what is left over.

        Raises:
            RPCError: Temporal does not answer.
        """
        wanted = dict(await asyncio.to_thread(self.wanted))
        whole = self.looks % LOOKS_AN_HOUR == 0
        before = dict.fromkeys(await self._scheduled(), 0.0) if whole else self.kept
        for name, seconds in wanted.items():
            if before.get(name) != seconds:
                await self._set(name, timedelta(seconds=seconds))
        for gone in before.keys() - wanted.keys():
            with contextlib.suppress(RPCError):  # another worker has removed it
                await self.client.get_schedule_handle(BEGINNING + gone).delete()
        self.kept, self.looks = wanted, self.looks + 1

    async def _scheduled(self) -> list[str]:
        known = [one.id async for one in await self.client.list_schedules()]
        return [id_.removeprefix(BEGINNING) for id_ in known if id_.startswith(BEGINNING)]

    async def _set(self, environment: str, every: timedelta) -> None:
        """One that somebody has paused stays so."""
        id_ = BEGINNING + environment
        action = ScheduleActionStartWorkflow(
            "Rescan",
            RescanInput(environment),
            id=id_,
            task_queue=self.queue,
            static_summary=f"drift of what is live in {environment}",
        )
        wanted = Schedule(
            action=action,
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every, offset_of(environment, every))]),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
        )
        try:
            await self.client.create_schedule(id_, wanted)
        except ScheduleAlreadyRunningError:
            handle = self.client.get_schedule_handle(id_)
            await handle.update(
                lambda known: ScheduleUpdate(schedule=replace(wanted, state=known.description.schedule.state))
            )


def offset_of(environment: str, every: timedelta) -> timedelta:
    """When in a period it is looked at: environments in turn, and each as often as it says."""
    return every * (crc32(environment.encode()) % 100) / 100


def watched(definitions: DefinitionReader) -> dict[str, float]:
    """Every registered environment in a cluster whose drift is to be looked for, with the seconds between two looks."""
    found = {}
    for name, body in definitions.every(KIND).items():
        with contextlib.suppress(ValueError):  # a later engine has registered it
            target = registered(text_of(body))
            if target is not None and target.drift_every_s:
                found[name] = target.drift_every_s
    return found
