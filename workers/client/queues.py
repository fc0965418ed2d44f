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

OPEN_ONES = "WorkflowType IN ('Queue', 'Environment') AND ExecutionStatus = 'Running'"
MOST_OPEN = 1_000


async def states(engine: Engine) -> dict[str, Queue]:
    """Workflow id of each concurrency group and environment, to its queue."""
    known = {one.id: one.workflow_type async for one in engine.client.list_workflows(OPEN_ONES)}
    found = await asyncio.gather(*(_state(engine, id_, kind) for id_, kind in known.items()))
    return {id_: state for id_, state in zip(known, found, strict=True) if state is not None}


async def part(engine: Engine, after: str, limit: int) -> tuple[list[tuple[str, Queue]], str]:
    """Queues by id from the one after `after` on, and the id of the last one, if more follow.

    Only those are asked; of more than 1,000 that are open, the first that Temporal names are known.
    """
    known = {one.id: one.workflow_type async for one in engine.client.list_workflows(OPEN_ONES, limit=MOST_OPEN)}
    ids = sorted(id_ for id_ in known if id_ > after)
    asked = ids[:limit]
    found = await asyncio.gather(*(_state(engine, id_, known[id_]) for id_ in asked))
    in_use = [(id_, one) for id_, one in zip(asked, found, strict=True) if one is not None and not one.empty]
    return in_use, asked[-1] if len(ids) > limit else ""


async def one(engine: Engine, id_: str) -> Queue | None:
    """The queue of a concurrency group or of an environment; None: it has ended, or no worker answers."""
    return await _state(engine, id_, "Queue" if id_.startswith("queue/") else "Environment")


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
