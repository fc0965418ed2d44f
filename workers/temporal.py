"""How every process of the engine speaks to Temporal: one converter, one sandbox, one worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from domain.errors import UnreachableError
from workers.settings import TASK_QUEUE
from workflows.approval import ApprovalWorkflow
from workflows.environment import EnvironmentWorkflow
from workflows.pipeline import PipelineEntity
from workflows.release import ReleaseWorkflow
from workflows.run import RunWorkflow
from workflows.scheduled import ScheduledWorkflow

WORKFLOWS = [
    PipelineEntity,
    RunWorkflow,
    ApprovalWorkflow,
    ReleaseWorkflow,
    EnvironmentWorkflow,
    ScheduledWorkflow,
]
CONVERTER = pydantic_data_converter

_PASSED_THROUGH = ("domain", "activities", "pipeline_defs", "cel", "pydantic", "pydantic_core", "httpx", "cryptography")
"""Loaded once and shared: their workflow-facing parts are pure, and loading them per workflow costs 60 ms and more."""


def runner() -> SandboxedWorkflowRunner:
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH, "workflows")
    return SandboxedWorkflowRunner(restrictions=restrictions)


async def connect(address: str, namespace: str = "default") -> Client:
    """Raises:
    UnreachableError: no Temporal answers at the address.
    """
    try:
        return await Client.connect(address, namespace=namespace, data_converter=CONVERTER)
    except (RPCError, RuntimeError, OSError) as broken:
        why = str(broken).splitlines()[0][:200]
        raise UnreachableError("SLW902", f"no Temporal answers at {address}", why=why, fix="sluiceway up") from broken


def worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    queue: str = TASK_QUEUE,
    slots: int = 100,
    more: Sequence[type] = (),
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[*WORKFLOWS, *more],
        activities=activities,
        workflow_runner=runner(),
        max_concurrent_activities=slots,
        max_heartbeat_throttle_interval=timedelta(seconds=0.5),
        default_heartbeat_throttle_interval=timedelta(seconds=0.5),
        # how long a dead worker's workflows wait before another one gets them
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
