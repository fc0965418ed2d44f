"""Rescans of live releases: now, or on a schedule."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from workers.client.client import Engine
from workflows.scans.messages import RescanInput, RescanResult

RESCAN = "rescan"


async def rescan(engine: Engine) -> RescanResult:
    """Starts a rescan; returns the running one if there is one."""
    result: RescanResult = await engine.client.execute_workflow(
        "Rescan",
        RescanInput(),
        id=RESCAN,
        task_queue=engine.queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=RescanResult,
        static_summary="running releases against the current vulnerability database",
    )
    return result


async def schedule(engine: Engine, every: timedelta | None) -> None:
    """Sets, changes or (with None) removes the schedule. A run that is due while another one runs is skipped."""
    id_ = f"schedule/{RESCAN}"
    handle = engine.client.get_schedule_handle(id_)
    if every is None:
        with contextlib.suppress(RPCError):
            await handle.delete()
        return
    action = ScheduleActionStartWorkflow(
        "Rescan",
        RescanInput(),
        id=RESCAN,
        task_queue=engine.queue,
        static_summary="scheduled rescan",
    )
    wanted = Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
    try:
        await engine.client.create_schedule(id_, wanted)
    except ScheduleAlreadyRunningError:
        await handle.update(lambda _: ScheduleUpdate(schedule=wanted))
