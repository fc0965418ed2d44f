"""Starts runs: deliveries to pipelines, and their schedules."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from domain.core import ids as keys
from domain.core.errors import SluicewayError
from domain.triggers import cron
from domain.triggers.delivery import Delivery
from workers.client.calls import RPC_TIMEOUT, again, explained, unreachable
from workers.client.client import Engine
from workflows.triggers.messages import DeliveryAnswer, PipelineState

if TYPE_CHECKING:  # imports everything that plans consist of, which takes a tenth of a second
    from activities.triggers.port import ScheduledDelivery

Time = tuple[str, str]
"""A cron expression and its time zone."""
_MONTH, _WEEK = range(1, 32), range(7)


async def deliver(engine: Engine, delivery: Delivery) -> DeliveryAnswer:
    """Sends a delivery to its pipeline. Idempotent, also after a timeout of this call.

    The pipeline knows its deliveries, and says when one is repeated; for an update with an id that it had, Temporal
    would give the earlier answer as if it were new.

    Raises:
        SluicewayError: SLW904, the pipeline did not accept it.
        UnreachableError: the engine does not answer.
    """

    update = f"{delivery.id}:{secrets.token_hex(4)}"

    async def deliver() -> DeliveryAnswer:
        answer: DeliveryAnswer = await engine.client.execute_update_with_start_workflow(
            "deliver",
            delivery,
            id=update,
            start_workflow_operation=pipeline(engine, delivery.pipeline),
            result_type=DeliveryAnswer,
            rpc_timeout=RPC_TIMEOUT,
        )
        return answer

    try:
        return await explained(engine, keys.pipeline_id(delivery.pipeline), again(deliver))
    except WorkflowUpdateFailedError as failed:
        cause = getattr(failed.cause, "cause", None) or failed.cause
        raise SluicewayError("SLW904", f"the delivery was not accepted: {cause}") from failed
    except RPCError as broken:
        raise unreachable(broken) from broken


def pipeline(engine: Engine, name: str) -> WithStartWorkflowOperation[PipelineState, None]:
    """The workflow of a pipeline, started if needed."""
    return WithStartWorkflowOperation(
        "Pipeline",
        PipelineState(name),
        id=keys.pipeline_id(name),
        task_queue=engine.queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"pipeline {name}",
    )


async def schedule(engine: Engine, what: ScheduledDelivery, times: Sequence[Time], before: Sequence[Time] = ()) -> str:
    """Sets, changes or (without times) removes a pipeline's schedules, one per time zone; returns the first one's id.

    `before`: the times that it had. A start that is due while the previous one still delivers is skipped.
    """
    by_zone = _by_zone(times)
    ids = [_schedule_id(what.pipeline, index, zone) for index, zone in enumerate(by_zone)]
    for id_, (zone, calendars) in zip(ids, by_zone.items(), strict=True):
        await _set_schedule(engine, id_, what, ScheduleSpec(calendars=calendars, time_zone_name=zone))
    had = {_schedule_id(what.pipeline, index, zone) for index, zone in enumerate([*_by_zone(before), ""])}
    for gone in had - set(ids):
        with contextlib.suppress(RPCError):
            await engine.client.get_schedule_handle(gone).delete()
    return _schedule_id(what.pipeline, 0, "")


def _by_zone(times: Sequence[Time]) -> dict[str, list[ScheduleCalendarSpec]]:
    """Time zone to calendars. Temporal loses times of an hour that comes twice, so what is hourly goes by UTC."""
    found: dict[str, list[ScheduleCalendarSpec]] = {}
    for text, zone in times:
        wall = cron.parse(text)
        steady = wall.in_utc(ZoneInfo(zone))
        found.setdefault("UTC" if steady else zone, []).extend(calendars_of(text, steady or wall))
    return found


def _schedule_id(pipeline: str, index: int, zone: str) -> str:
    """The first one's is that of a pipeline with one time zone."""
    return f"schedule/{pipeline}/{zone}" if index else f"schedule/{pipeline}"


async def _set_schedule(engine: Engine, id_: str, what: ScheduledDelivery, spec: ScheduleSpec) -> None:
    action = ScheduleActionStartWorkflow(
        "Scheduled",
        what,
        id=f"scheduled/{what.pipeline}",
        task_queue=engine.queue,
        static_summary=f"scheduled start of {what.pipeline}",
    )
    wanted = Schedule(action=action, spec=spec, policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP))
    try:
        await engine.client.create_schedule(id_, wanted)
    except ScheduleAlreadyRunningError:
        await engine.client.get_schedule_handle(id_).update(lambda _: ScheduleUpdate(schedule=wanted))


def calendars_of(text: str, times: cron.Cron) -> list[ScheduleCalendarSpec]:
    """Temporal's calendars for a cron expression.

    Temporal asks for the day of month AND the day of week; where cron means either, two calendars say so. A time that
    is in both starts one run.
    """
    if times.either:
        return [_calendar(text, times, weekdays=_WEEK), _calendar(text, times, days=_MONTH)]
    return [_calendar(text, times)]


def _calendar(
    text: str, of: cron.Cron, *, days: Sequence[int] = (), weekdays: Sequence[int] = ()
) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(
        minute=_ranges(of.minutes),
        hour=_ranges(of.hours),
        day_of_month=_ranges(days or of.days),
        month=_ranges(of.months),
        day_of_week=_ranges(weekdays or of.weekdays),
        comment=text,
    )


def _ranges(values: Sequence[int]) -> list[ScheduleRange]:
    """Neighbours in one range."""
    ranges: list[ScheduleRange] = []
    for value in values:
        if ranges and ranges[-1].end == value - 1:
            ranges[-1] = ScheduleRange(ranges[-1].start, value)
        else:
            ranges.append(ScheduleRange(value, value))
    return ranges
