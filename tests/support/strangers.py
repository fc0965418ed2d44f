"""Somebody who reaches the Temporal server and has none of the engine's keys: he may call everything it offers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.command.v1 import Command, CompleteWorkflowExecutionCommandAttributes
from temporalio.api.common.v1 import Header, Payload, Payloads, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import CommandType
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    PollActivityTaskQueueRequest,
    PollWorkflowTaskQueueRequest,
    QueryWorkflowRequest,
    RespondActivityTaskCompletedRequest,
    RespondActivityTaskFailedRequest,
    RespondWorkflowTaskCompletedRequest,
    SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from domain.core.values import Json
from tests.support.lab import until

NAME = "7@mallory"


def plain(*values: Json) -> list[Payload]:
    """Payloads as anybody writes them."""
    return [Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(one).encode()) for one in values]


@dataclass(frozen=True)
class Stranger:
    client: Client

    @classmethod
    async def at(cls, address: str) -> Stranger:
        return cls(await Client.connect(address, identity=NAME))

    async def start(
        self, type: str, id: str, queue: str, payloads: Sequence[Payload], headers: dict[str, Payload] | None = None
    ) -> str:
        asked = StartWorkflowExecutionRequest(
            namespace="default", workflow_id=id, workflow_type=WorkflowType(name=type),
            task_queue=TaskQueue(name=queue), input=Payloads(payloads=payloads), identity=NAME, request_id=f"{id}-{queue}",
            header=Header(fields=headers or {}),
        )  # fmt: skip
        return (await self.client.workflow_service.start_workflow_execution(asked)).run_id

    async def signal(
        self, id: str, name: str, payloads: Sequence[Payload], headers: dict[str, Payload] | None = None
    ) -> None:
        asked = SignalWorkflowExecutionRequest(
            namespace="default", workflow_execution=WorkflowExecution(workflow_id=id), signal_name=name,
            input=Payloads(payloads=payloads), identity=NAME, header=Header(fields=headers or {}),
        )  # fmt: skip
        await self.client.workflow_service.signal_workflow_execution(asked)

    async def update(self, id: str, name: str, payloads: Sequence[Payload], update_id: str) -> str:
        """Why it failed; empty: it was done."""
        asked = UpdateWorkflowExecutionRequest(
            namespace="default", workflow_execution=WorkflowExecution(workflow_id=id),
            wait_policy=WaitPolicy(lifecycle_stage=3),  # type: ignore[arg-type]  # completed
            request=Request(meta=Meta(update_id=update_id, identity=NAME), input=Input(name=name, args=Payloads(payloads=payloads))),
        )  # fmt: skip
        answer = await self.client.workflow_service.update_workflow_execution(asked)
        return answer.outcome.failure.message

    async def query(self, id: str, name: str, payloads: Sequence[Payload]) -> bytes:
        asked = QueryWorkflowRequest(
            namespace="default", execution=WorkflowExecution(workflow_id=id),
            query=WorkflowQuery(query_type=name, query_args=Payloads(payloads=payloads)),
        )  # fmt: skip
        answer = await self.client.workflow_service.query_workflow(asked)
        return answer.query_result.payloads[0].data

    async def answer_activity(self, queue: str, payloads: Sequence[Payload]) -> str:
        """Polls the queue as a worker, and answers the first task; returns the activity's type."""
        polled = PollActivityTaskQueueRequest(namespace="default", task_queue=TaskQueue(name=queue), identity=NAME)
        while True:
            task = await self.client.workflow_service.poll_activity_task_queue(polled)
            if task.task_token:
                break
        done = RespondActivityTaskCompletedRequest(
            namespace="default", task_token=task.task_token, identity=NAME, result=Payloads(payloads=payloads)
        )
        await self.client.workflow_service.respond_activity_task_completed(done)
        return task.activity_type.name

    async def fail_activity(self, queue: str, details: Sequence[Payload]) -> None:
        """Polls the queue as a worker, leaves details of a heartbeat and fails the first task, which is tried again."""
        polled = PollActivityTaskQueueRequest(namespace="default", task_queue=TaskQueue(name=queue), identity=NAME)
        while True:
            task = await self.client.workflow_service.poll_activity_task_queue(polled)
            if task.task_token:
                break
        failed = RespondActivityTaskFailedRequest(
            namespace="default", task_token=task.task_token, identity=NAME, failure=Failure(message="by a stranger", application_failure_info=ApplicationFailureInfo(type="x")),
            last_heartbeat_details=Payloads(payloads=details),
        )  # fmt: skip
        await self.client.workflow_service.respond_activity_task_failed(failed)

    async def end_workflow(self, queue: str, wanted: str, payloads: Sequence[Payload]) -> None:
        """Polls the queue as a worker until it gets the wanted execution, and completes it."""
        result = Payloads(payloads=payloads) if payloads else None
        command = Command(
            command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
            complete_workflow_execution_command_attributes=CompleteWorkflowExecutionCommandAttributes(result=result),
        )
        await self.command(queue, wanted, [command])

    async def command(self, queue: str, wanted: str, commands: Sequence[Command]) -> None:
        """Answers a task of the wanted execution; the next one, if something has happened to it in between."""
        polled = PollWorkflowTaskQueueRequest(namespace="default", task_queue=TaskQueue(name=queue), identity=NAME)
        while True:
            task = await self.client.workflow_service.poll_workflow_task_queue(polled)
            if not task.task_token or task.workflow_execution.workflow_id != wanted:
                continue
            done = RespondWorkflowTaskCompletedRequest(
                namespace="default", task_token=task.task_token, identity=NAME, commands=commands
            )
            try:
                await self.client.workflow_service.respond_workflow_task_completed(done)
            except RPCError as refused:
                if "UnhandledCommand" not in refused.message:
                    raise
            else:
                return

    async def events(self, id: str, what: str) -> list[HistoryEvent]:
        """The events of a kind in the history of an execution, for payloads to copy, as soon as there is one."""

        async def found() -> list[HistoryEvent]:
            history = await self.client.get_workflow_handle(id).fetch_history()
            return [one for one in history.events if one.HasField(what)]  # type: ignore[arg-type]

        return await until(found)

    async def failure(self, id: str) -> str:
        """What a workflow failed with."""
        event = (await self.events(id, "workflow_execution_failed_event_attributes"))[0]
        return event.workflow_execution_failed_event_attributes.failure.message
