"""Workflows whose task fails again and again: an error of the engine. A repaired worker goes on from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import WorkflowExecutionDescription
from temporalio.exceptions import FailureError
from temporalio.service import RPCError

from workers.client.client import Engine

LOOK = timedelta(seconds=5)
LATE_TRIES = 3
"""A task that only timed out may have met a worker that was killed; one that times out so often does not end."""
LAST_EVENTS = 20
MAX_MESSAGE = 300


@dataclass(frozen=True)
class EngineError:
    """Why a workflow does not go on."""

    workflow: str
    message: str
    tries: int

    def __str__(self) -> str:
        return f"the engine meets an error: {self.message} ({self.workflow}, tried {self.tries} times)"


async def of(engine: Engine, workflow: str) -> EngineError | None:
    """The error of one workflow; None while it goes on, is unknown, or Temporal does not answer."""
    try:
        return await _error(engine, await engine.client.get_workflow_handle(workflow).describe(rpc_timeout=LOOK))
    except RPCError:
        return None


async def of_family(engine: Engine, workflow: str) -> list[EngineError]:
    """Its own error, and those of its open approvals, releases and clusters."""
    try:
        found = await engine.client.get_workflow_handle(workflow).describe(rpc_timeout=LOOK)
        own = await _error(engine, found)
    except RPCError:
        return []
    children = [await of_family(engine, one.workflow_id) for one in found.raw_description.pending_children]
    return [*([own] if own else []), *(error for errors in children for error in errors)]


async def _error(engine: Engine, found: WorkflowExecutionDescription) -> EngineError | None:
    if not found.raw_description.HasField("pending_workflow_task"):
        return None
    tries = found.raw_description.pending_workflow_task.attempt
    if tries < 2:
        return None
    message, late = await _message(engine, await _last_events(engine, found))
    return EngineError(found.id, message, tries) if message and (not late or tries >= LATE_TRIES) else None


async def _last_events(engine: Engine, found: WorkflowExecutionDescription) -> list[HistoryEvent]:
    """The newest first. Only the first of several failures in a row is in the history."""
    wanted = GetWorkflowExecutionHistoryReverseRequest(
        namespace=engine.client.namespace,
        execution=WorkflowExecution(workflow_id=found.id, run_id=found.run_id),
        maximum_page_size=LAST_EVENTS,
    )
    page = await engine.client.workflow_service.get_workflow_execution_history_reverse(wanted, timeout=LOOK)
    return list(page.history.events)


async def _words(engine: Engine, failure: Failure) -> str:
    """Of a failure, whether or not its words are encrypted."""
    found = await engine.client.data_converter.decode_failure(failure)
    return found.message if isinstance(found, FailureError) else str(found)


async def _message(engine: Engine, events: list[HistoryEvent]) -> tuple[str, bool]:
    """What the last task failed with, and whether it only timed out."""
    for event in events:
        if event.HasField("workflow_task_failed_event_attributes"):
            message = await _words(engine, event.workflow_task_failed_event_attributes.failure)
            return (message or "its task failed").splitlines()[0][:MAX_MESSAGE], False
        if event.HasField("workflow_task_timed_out_event_attributes"):
            return "its task does not end in time", True
        if event.HasField("workflow_task_completed_event_attributes"):
            break
    return "", False
