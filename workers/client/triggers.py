"""Starts runs: deliveries to pipelines, and their schedules."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from domain.core import ids as keys
from domain.core.errors import SluicewayError
from domain.triggers.delivery import Delivery
from workers.client.calls import RPC_TIMEOUT, again, unreachable
from workers.client.client import Engine
from workflows.triggers.messages import DeliveryAnswer, PipelineState

if TYPE_CHECKING:  # imports everything that plans consist of, which takes a tenth of a second
    from activities.triggers.port import ScheduledDelivery


async def deliver(engine: Engine, delivery: Delivery) -> DeliveryAnswer:
    """Sends a delivery to its pipeline. Idempotent, also after a timeout of this call.

    Raises:
        SluicewayError: SLW904, the pipeline did not accept it.
        UnreachableError: the engine does not answer.
    """

    async def deliver() -> DeliveryAnswer:
        answer: DeliveryAnswer = await engine.client.execute_update_with_start_workflow(
            "deliver",
            delivery,
            id=delivery.id,
            start_workflow_operation=pipeline(engine, delivery.pipeline),
            result_type=DeliveryAnswer,
            rpc_timeout=RPC_TIMEOUT,
        )
        return answer

    try:
        return await again(deliver)
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


async def schedule(engine: Engine, what: ScheduledDelivery, times: Sequence[tuple[str, str]]) -> str:
    """Sets, changes or (without times) removes a pipeline's schedule; returns its id. Times are (cron, time zone).

    A start that is due while the previous one still delivers is skipped.
    """
    id_ = f"schedule/{what.pipeline}"
    handle = engine.client.get_schedule_handle(id_)
    if not times:
        with contextlib.suppress(RPCError):
            await handle.delete()
        return id_
    action = ScheduleActionStartWorkflow(
        "Scheduled",
        what,
        id=f"scheduled/{what.pipeline}",
        task_queue=engine.queue,
        static_summary=f"scheduled start of {what.pipeline}",
    )
    spec = ScheduleSpec(cron_expressions=[f"CRON_TZ={zone} {cron}" for cron, zone in times])
    wanted = Schedule(action=action, spec=spec, policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP))
    try:
        await engine.client.create_schedule(id_, wanted)
    except ScheduleAlreadyRunningError:
        await handle.update(lambda _: ScheduleUpdate(schedule=wanted))
    return id_
