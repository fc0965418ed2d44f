"""Concurrency groups and environments: who holds a slot, and who waits for one."""

from __future__ import annotations

import asyncio

from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError

from domain.queues.queue import Queue
from workers.client.calls import QUERY_TIMEOUT
from workers.client.client import Engine
from workflows.queues.messages import QueueState
from workflows.releases.messages import EnvironmentState


async def states(engine: Engine) -> dict[str, Queue]:
    """Workflow id of each concurrency group and environment, to its queue."""
    open_ones = "WorkflowType IN ('Queue', 'Environment') AND ExecutionStatus = 'Running'"
    known = {one.id: one.workflow_type async for one in engine.client.list_workflows(open_ones)}
    found = await asyncio.gather(*(_state(engine, id_, kind) for id_, kind in known.items()))
    return {id_: state for id_, state in zip(known, found, strict=True) if state is not None}


async def _state(engine: Engine, id_: str, kind: str) -> Queue | None:
    """None: it has ended, or no worker answers."""
    handle, result = engine.client.get_workflow_handle(id_), QueueState if kind == "Queue" else EnvironmentState
    try:
        state: QueueState | EnvironmentState = await handle.query(
            "state", result_type=result, rpc_timeout=QUERY_TIMEOUT
        )
    except (RPCError, WorkflowQueryFailedError):
        return None
    return state.queue if isinstance(state, QueueState) else state.places
