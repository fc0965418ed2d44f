"""Seals what a workflow says, and remembers what its answers will be about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_commands import (
    ContinueAsNewWorkflowExecution,
    ScheduleActivity,
    ScheduleLocalActivity,
    SignalExternalWorkflowExecution,
    StartChildWorkflowExecution,
    WorkflowCommand,
)
from temporalio.workflow import Info

from domain.authority.hiding import Hiding
from domain.authority.seals import Kind, Message
from workers.core import sealed_payloads as on_wire
from workers.core.keyring import Keyring

SEEN = "sluiceway-seen"
"""Header of an execution that continues another one: the nonces which that one has seen."""


@dataclass
class Child:
    """A child workflow that was started."""

    namespace: str
    id: str
    type: str
    run_id: str = ""

    def message(self, kind: Kind) -> Message:
        """How it ends."""
        return Message(kind=kind, name=self.type, workflow_id=self.id, namespace=self.namespace, run_id=self.run_id)


class SealedCommands:
    """Of one execution. A replay makes other nonces; nobody sees them, since what it says is in the history already."""

    def __init__(self, ring: Keyring, info: Info) -> None:
        self._ring, self._info = ring, info
        self._activities: dict[int, tuple[str, str]] = {}
        self._children: dict[int, Child] = {}
        self._updates: dict[str, str] = {}
        self._queries: dict[str, str] = {}
        self._at_ms = 0

    def activity(self, seq: int) -> tuple[str, str]:
        """Type and id of an activity that was scheduled."""
        return self._activities[seq]

    def child(self, seq: int) -> Child:
        """A child that was started."""
        return self._children[seq]

    def child_began(self, seq: int, run_id: str) -> None:
        self._children[seq].run_id = run_id

    def asked(self, protocol_id: str, name: str) -> None:
        """An update was let in."""
        self._updates[protocol_id] = name

    def queried(self, query_id: str, name: str) -> None:
        """A query was let in."""
        self._queries[query_id] = name

    def seal(self, commands: Iterable[WorkflowCommand], at_ms: int, seen: dict[str, int]) -> None:
        """Seals all payloads of the commands in place. `at_ms`: the workflow's time."""
        self._at_ms = at_ms
        for command in commands:
            kind = command.WhichOneof("variant")
            texts = [one for one in (command.user_metadata.summary, command.user_metadata.details) if one.ByteSize()]
            if texts and kind != "start_child_workflow_execution" and self._ring.hiding is Hiding.NOW:
                self._described(self._info.workflow_id, texts)
            match kind:
                case "schedule_activity":
                    self._scheduled(command.schedule_activity)
                case "schedule_local_activity":
                    self._scheduled(command.schedule_local_activity)
                case "start_child_workflow_execution":
                    self._started(command.start_child_workflow_execution, texts)
                case "signal_external_workflow_execution":
                    self._signalled(command.signal_external_workflow_execution)
                case "continue_as_new_workflow_execution":
                    self._continued(command.continue_as_new_workflow_execution, seen)
                case "complete_workflow_execution":
                    self._put(self._ending(Kind.RESULT), [command.complete_workflow_execution.result])
                case "fail_workflow_execution":
                    self.failed(command.fail_workflow_execution.failure)
                case "update_response":
                    self._updated(command)
                case "respond_to_query":
                    self._answered(command)
                case "modify_workflow_properties":
                    fields = command.modify_workflow_properties.upserted_memo.fields
                    for name, payload in fields.items():
                        self._put(self._message(Kind.MEMO, name), [payload])

    def _scheduled(self, command: ScheduleActivity | ScheduleLocalActivity) -> None:
        self._activities[command.seq] = command.activity_type, command.activity_id
        message = self._message(
            Kind.ACTIVITY, command.activity_type, id=command.activity_id, run_id=self._info.run_id
        )  # fmt: skip
        on_wire.put(
            self._ring, message, command.arguments, command.headers, at_ms=self._at_ms
        )  # fmt: skip

    def _started(self, command: StartChildWorkflowExecution, summary: Sequence[Payload]) -> None:
        self._children[command.seq] = Child(self._info.namespace, command.workflow_id, command.workflow_type)
        message = self._message(Kind.START, command.workflow_type, workflow_id=command.workflow_id)
        on_wire.put(self._ring, message, command.input, command.headers, at_ms=self._at_ms)
        self._described(command.workflow_id, [*command.memo.values(), *summary])

    def _described(self, workflow_id: str, texts: Iterable[Payload]) -> None:
        message = self._message(Kind.MEMO, "", workflow_id=workflow_id)
        for text in texts:
            self._put(message, [text])

    def _signalled(self, command: SignalExternalWorkflowExecution) -> None:
        id_ = command.child_workflow_id or command.workflow_execution.workflow_id
        message = self._message(Kind.SIGNAL, command.signal_name, workflow_id=id_)
        on_wire.put(self._ring, message, command.args, command.headers, at_ms=self._at_ms)

    def _continued(self, command: ContinueAsNewWorkflowExecution, seen: dict[str, int]) -> None:
        type_ = command.workflow_type or self._info.workflow_type
        message = self._own(Kind.CONTINUED, type_)
        on_wire.put(self._ring, message, command.arguments, command.headers, at_ms=self._at_ms)
        for name, payload in command.memo.items():
            self._put(self._message(Kind.MEMO, name), [payload])
        if seen:
            payload = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(seen).encode())
            on_wire.seal_only(self._ring, self._own(Kind.SEEN, type_), [payload], at_ms=self._at_ms)
            command.headers[SEEN].CopyFrom(payload)

    def _updated(self, command: WorkflowCommand) -> None:
        response = command.update_response
        if response.HasField("completed"):
            name = self._updates.get(response.protocol_instance_id, "")
            self._put(self._message(Kind.UPDATE_RESULT, name), [response.completed])
        elif response.HasField("rejected"):
            self.failed(response.rejected)

    def _answered(self, command: WorkflowCommand) -> None:
        result = command.respond_to_query
        if result.HasField("succeeded"):
            name = self._queries.pop(result.query_id, "")
            self._put(self._message(Kind.QUERY_RESULT, name), [result.succeeded.response])
        elif result.HasField("failed"):
            self.failed(result.failed)

    def failed(self, failure: Failure) -> None:
        """Of the execution, of an update or query, or of its task."""
        for details in details_of(failure):
            self._put(self._ending(Kind.FAILURE), details.payloads)
        on_wire.hide_failure(self._ring, self._ending(Kind.FAILURE), failure)

    def _put(self, message: Message, payloads: Sequence[Payload]) -> None:
        if payloads:
            on_wire.put(self._ring, message, payloads, at_ms=self._at_ms)

    def _own(self, kind: Kind, name: str) -> Message:
        return self._message(kind, name, run_id=self._info.run_id)

    def _ending(self, kind: Kind) -> Message:
        """Its parent knows the first of the executions that continue each other."""
        return self._message(kind, self._info.workflow_type, run_id=self._info.first_execution_run_id)

    def _message(self, kind: Kind, name: str, *, workflow_id: str = "", run_id: str = "", id: str = "") -> Message:
        workflow_id = workflow_id or self._info.workflow_id
        return Message(
            kind=kind, name=name, workflow_id=workflow_id, namespace=self._info.namespace, run_id=run_id, id=id
        )  # fmt: skip


def details_of(failure: Failure) -> Iterator[Payloads]:
    """The payloads in a failure and in its causes."""
    while True:
        if failure.HasField("application_failure_info"):
            yield failure.application_failure_info.details
        elif failure.HasField("canceled_failure_info"):
            yield failure.canceled_failure_info.details
        elif failure.HasField("timeout_failure_info"):
            yield failure.timeout_failure_info.last_heartbeat_details
        if not failure.HasField("cause"):
            return
        failure = failure.cause
