"""Temporal clients that seal what they send, and read only what a worker of this installation has sealed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    CreateScheduleInput,
    Interceptor,
    OutboundInterceptor,
    QueryWorkflowInput,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleUpdate,
    ScheduleUpdateInput,
    SignalWorkflowInput,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    StartWorkflowUpdateWithStartInput,
    UpdateScheduleInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.common import RawValue
from temporalio.converter import (
    PayloadCodec,
    PayloadConverter,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from domain.authority.seals import CODE, Kind, Message
from domain.core.errors import SluicewayError
from workers.core import sealed_payloads as on_wire
from workers.core.hidden_payloads import opened
from workers.core.keyring import Keyring

Arguments = Sequence[Any]  # Any: the values of a message, as the SDK types them
Headers = Mapping[str, Payload]


class SealedCalls(Interceptor):
    """Seals every start, signal, query, update and schedule."""

    def __init__(self, ring: Keyring, namespace: str, converter: PayloadConverter) -> None:
        self.ring, self.namespace, self.converter = ring, namespace, converter

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Required by the SDK."""
        return _Outbound(next, self)

    def sealed(
        self, kind: Kind, name: str, id: str, args: Arguments, headers: Headers, *, call: str = ""
    ) -> tuple[list[RawValue], Headers]:
        """The arguments and headers of a message to an execution. `call`: the id of an update."""
        message = Message(kind=kind, name=name, workflow_id=id, namespace=self.namespace, id=call)
        if not args:
            return [], {**headers, on_wire.HEADER: on_wire.header(self.ring, message)}
        payloads = self.converter.to_payloads(args)
        on_wire.put(self.ring, message, payloads)
        return [RawValue(one) for one in payloads], headers

    def of_schedule(self, schedule: Schedule) -> Schedule:
        """A schedule whose executions start with sealed arguments, whatever time their id will end with."""
        action = schedule.action
        assert isinstance(action, ScheduleActionStartWorkflow)
        args, headers = self.sealed(Kind.SCHEDULED, action.workflow, action.id, action.args, action.headers or {})
        return dataclasses.replace(schedule, action=_changed(action, args, headers))


def _changed(action: ScheduleActionStartWorkflow, args: Arguments, headers: Headers) -> ScheduleActionStartWorkflow:
    action.args, action.headers = args, headers
    return action


class _Outbound(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, calls: SealedCalls) -> None:
        super().__init__(next)
        self._calls = calls

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        input.args, input.headers = self._calls.sealed(Kind.START, input.workflow, input.id, input.args, input.headers)
        if input.start_signal:  # both share the headers: one of them needs arguments to carry its seal
            sealed = self._calls.sealed(
                Kind.SIGNAL, input.start_signal, input.id, input.start_signal_args, input.headers
            )
            input.start_signal_args, input.headers = sealed
        return await super().start_workflow(input)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        sealed = self._calls.sealed(Kind.SIGNAL, input.signal, input.id, input.args, input.headers)
        input.args, input.headers = sealed
        await super().signal_workflow(input)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:
        input.args, input.headers = self._calls.sealed(Kind.QUERY, input.query, input.id, input.args, input.headers)
        return await super().query_workflow(input)

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
        input.update_id = input.update_id or on_wire.new_nonce()
        sealed = self._calls.sealed(
            Kind.UPDATE, input.update, input.id, input.args, input.headers, call=input.update_id
        )
        input.args, input.headers = sealed
        return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self, input: StartWorkflowUpdateWithStartInput
    ) -> WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        start.args, start.headers = self._calls.sealed(Kind.START, start.workflow, start.id, start.args, start.headers)
        update.update_id = update.update_id or on_wire.new_nonce()
        sealed = self._calls.sealed(
            Kind.UPDATE, update.update, start.id, update.args, update.headers, call=update.update_id
        )
        update.args, update.headers = sealed
        return await super().start_update_with_start_workflow(input)

    async def create_schedule(self, input: CreateScheduleInput) -> ScheduleHandle:
        input.schedule = self._calls.of_schedule(input.schedule)
        return await super().create_schedule(input)

    async def update_schedule(self, input: UpdateScheduleInput) -> None:
        updater = input.updater

        async def sealed(given: ScheduleUpdateInput) -> ScheduleUpdate | None:
            wanted = updater(given)
            update = await wanted if not isinstance(wanted, ScheduleUpdate | None) else wanted
            return dataclasses.replace(update, schedule=self._calls.of_schedule(update.schedule)) if update else None

        input.updater = sealed
        await super().update_schedule(input)


class SealedAnswers(PayloadCodec, WithSerializationContext):
    """Reads what a worker has sealed about the execution that was asked."""

    def __init__(self, ring: Keyring, namespace: str, context: SerializationContext | None = None) -> None:
        self._ring, self._namespace, self._context = ring, namespace, context

    def with_context(self, context: SerializationContext) -> SealedAnswers:
        """Required by the SDK."""
        return SealedAnswers(self._ring, self._namespace, context)

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Required by the SDK; calls are sealed where their names are known."""
        given = list(payloads)
        if isinstance(self._context, WorkflowSerializationContext):
            on_wire.put_on_bare(self._ring, self._context, given)
        return given

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Required by the SDK.

        Raises:
            SluicewayError: SLW001, somebody else answers.
        """
        given = [opened(self._ring, self._namespace, one) for one in payloads]
        for payload in given:
            self._check(payload)
        return given

    def _check(self, payload: Payload) -> None:
        context, seal = self._context, on_wire.seal_of(payload)
        if not isinstance(context, WorkflowSerializationContext):
            return  # a summary or a memo in a list: it is shown, and decides nothing
        known = seal and self._ring.answers(context.workflow_id, context.namespace, seal, on_wire.part(payload))
        if not known:
            what = f"{context.workflow_id} was answered by somebody who is not this engine"
            raise SluicewayError(CODE, what, fix="see who else reaches the Temporal server: `sluiceway status`")
