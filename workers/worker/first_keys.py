"""The first key of a home: what an engine without keys has begun goes on, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleUpdate, ScheduleUpdateInput
from temporalio.common import RawValue
from temporalio.service import RPCError

from domain.authority.seals import BY_SCHEDULES
from domain.authority.strays import KeyAge, unneeded
from domain.core.errors import SluicewayError
from workers.core import sealed_payloads as on_wire
from workers.core.keyring import Keyring

LOOK_S = 3_600.0
_log = logging.getLogger("sluiceway.worker")


async def make(client: Client, ring: Keyring, queues: Collection[str], *, used: bool) -> bool:
    """Makes the first key, unless there is one. `used`: an engine without keys has worked in this home.

    What that engine has begun on these task queues is written down, and may lack seals.

    Returns:
        Whether such an engine was upgraded just now: its schedules need `seal_schedules`.
    """
    if ring.made:
        return False
    running: list[str] = []
    if used:
        open_ = client.list_workflows("ExecutionStatus = 'Running'")
        running = [one.run_id async for one in open_ if one.task_queue in queues]
        _log.info("the first key for messages is made; %d executions began without one", len(running))
    ring.make(running)
    return used


async def seal_schedules(client: Client, queues: Collection[str]) -> None:
    """Sends each schedule of ours again, with its arguments as they were: the client seals what it sends."""

    async def again(given: ScheduleUpdateInput) -> ScheduleUpdate | None:
        schedule = given.description.schedule
        action = schedule.action
        if not _is_ours(schedule, queues) or not isinstance(action, ScheduleActionStartWorkflow):
            return None
        action.args = [RawValue(one) for one in action.args]
        return ScheduleUpdate(schedule=schedule)

    async for listed in await client.list_schedules():
        await client.get_schedule_handle(listed.id).update(again)


def _is_ours(schedule: Schedule, queues: Collection[str]) -> bool:
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return False
    return action.workflow in BY_SCHEDULES and action.task_queue in queues


async def tidy(client: Client, ring: Keyring) -> None:
    """Once an hour, forgets keys that nothing needs, and the executions from before the first key once all ended."""
    while True:
        try:
            await asyncio.to_thread(ring.starts.forget)
            await tidy_once(client, ring, time.time())
        except (RPCError, SluicewayError, OSError) as broken:  # looked at again in an hour: nothing waits for it
            _log.warning("the keys for messages were not looked through: %s", broken)
        await asyncio.sleep(LOOK_S)


async def tidy_once(client: Client, ring: Keyring, now: float) -> list[str]:
    """One look; returns the ids of the keys that it has forgotten."""
    known = ring.all()
    if len(known.keys) < 2 and not known.before:
        return []
    oldest, open_ = now, set()
    async for one in client.list_workflows("ExecutionStatus = 'Running'"):
        oldest = min(oldest, one.start_time.timestamp())
        open_.add(one.run_id)
    if known.before and not known.before & open_:
        ring.close_upgrade()
        _log.info("all executions from before the first key have ended: nothing may lack a seal any more")
    ages = [KeyAge(key.id, key.made_at) for key in known.keys]
    gone = unneeded(ages, oldest, await in_schedules(client, ring), now)
    for id_ in gone:
        ring.forget(id_)
        _log.info("forgot key %s for messages, which nothing needs any more", id_)
    return gone


async def in_schedules(client: Client, ring: Keyring) -> set[str]:
    """Ids of the keys that schedules' arguments are sealed with."""
    found = set()
    async for listed in await client.list_schedules():
        described = await client.get_schedule_handle(listed.id).describe()
        action = described.schedule.action
        if isinstance(action, ScheduleActionStartWorkflow):
            on_wire.open_all(ring, client.namespace, action.args)
            sealed = on_wire.found(list(action.args), dict(action.headers or {}))
            found |= {seal.key for seal in sealed if seal is not None}
    return found
