"""Activities that are done only when a workflow of this installation asks, and whose results say that they are ours.

The codec knows the activity and its payloads, the interceptor knows the execution that asks: each tells the other
through a variable of the activity's task. Where the codec was not asked, the interceptor refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.authority.seals import CODE, Kind, Message
from workers.core import sealed_payloads as on_wire
from workers.core.hidden_payloads import opened
from workers.core.keyring import Keyring
from workers.worker.refusals import Tell


@dataclass(frozen=True)
class Given:
    """What the codec found first: the arguments of an activity, or, without any, details of its last heartbeat."""

    run_id: str
    why: str
    """Why they are no arguments of ours; empty: they are, if this is the execution that asks."""
    is_note: bool
    """Whether they are details of a heartbeat of ours."""


_GIVEN: ContextVar[Given | None] = ContextVar("given", default=None)


class ActivityCodec(PayloadCodec, WithSerializationContext):
    """Looks at what activities are given, and seals what they say while they run.

    Payloads of workflows pass: `SealedWorkflow` looks at them, which knows more.
    """

    def __init__(self, ring: Keyring, namespace: str, context: SerializationContext | None = None) -> None:
        self._ring, self._namespace, self._context = ring, namespace, context

    def with_context(self, context: SerializationContext) -> ActivityCodec:
        """Required by the SDK."""
        return ActivityCodec(self._ring, self._namespace, context)

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Required by the SDK. Results are sealed already; the rest are heartbeats and details of a failure."""
        given, context = list(payloads), self._context
        if isinstance(context, WorkflowSerializationContext):
            on_wire.put_on_bare(self._ring, context, given)
        elif isinstance(context, ActivitySerializationContext) and any(not on_wire.is_put(one) for one in given):
            on_wire.put(self._ring, _message(Kind.NOTE, context), given)
        return given

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Required by the SDK. Arguments come first; details of a heartbeat that are not ours are left out."""
        given, context = [opened(self._ring, self._namespace, one) for one in payloads], self._context
        if not isinstance(context, ActivitySerializationContext):
            return given
        if _GIVEN.get() is None:
            seal = on_wire.seal_of(given[0]) if given else None
            asked = _message(Kind.ACTIVITY, context, seal.run_id if seal else "")
            why = on_wire.refusal(self._ring, asked, given, {})
            is_note = bool(why) and not on_wire.refusal(self._ring, _message(Kind.NOTE, context), given, {})
            _GIVEN.set(Given(asked.run_id, why, is_note))
            return given
        return [] if on_wire.refusal(self._ring, _message(Kind.NOTE, context), given, {}) else given

    def hide_failure(self, failure: Failure) -> None:
        """Of an activity that has failed."""
        if isinstance(self._context, ActivitySerializationContext):
            on_wire.hide_failure(self._ring, _message(Kind.NOTE, self._context), failure)


class SealingConverter(DataConverter):
    """The SDK asks for one with a context for each payload of a task, several times, and would make every part again:
    only the codec has a context.
    """

    def with_context(self, context: SerializationContext) -> Self:
        """Required by the SDK."""
        assert isinstance(self.payload_codec, ActivityCodec)
        clone = object.__new__(type(self))
        clone.__dict__.update(self.__dict__, payload_codec=self.payload_codec.with_context(context))
        return clone

    async def encode_failure(self, exception: BaseException, failure: Failure) -> None:
        """Required by the SDK."""
        await super().encode_failure(exception, failure)
        assert isinstance(self.payload_codec, ActivityCodec)
        self.payload_codec.hide_failure(failure)


class SealedActivities(Interceptor):
    """Refuses what nobody of ours has asked for, before the activity begins."""

    def __init__(self, ring: Keyring, tell: Tell) -> None:
        self._ring, self._tell = ring, tell

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Required by the SDK."""
        return _Inbound(next, self._ring, self._tell)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, ring: Keyring, tell: Tell) -> None:
        super().__init__(next)
        self._ring, self._tell = ring, tell

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # Any: as the SDK types it
        info = activity.info()
        _keep_ours(input, info)
        if why := self._refusal(input, info):
            id_ = info.workflow_id or f"the activity {info.activity_id} of no workflow"
            self._tell(Kind.ACTIVITY, info.activity_type, id_, why, "")
            what = f"{CODE}: {info.activity_type} was not asked for by this engine: {why}"
            raise ApplicationError(what, type=CODE, non_retryable=True)
        result = await super().execute_activity(input)
        payloads = activity.payload_converter().to_payloads([result])
        on_wire.put(self._ring, _of(Kind.ACTIVITY_RESULT, info), payloads)
        return RawValue(payloads[0])

    def _refusal(self, input: ExecuteActivityInput, info: activity.Info) -> str:
        run_id = info.workflow_run_id or ""
        if not info.workflow_id or not run_id:
            return "no workflow asks for it"
        if input.args:
            given = _GIVEN.get()
            why = given.why if given else "nobody looked at its arguments"
            if not why and given and given.run_id != run_id:
                why = "another execution asked for it"
        else:
            why = on_wire.refusal(self._ring, _of(Kind.ACTIVITY, info), [], dict(input.headers))
        older = self._ring.is_older(run_id, int(info.scheduled_time.timestamp() * 1000))
        return "" if older else why


def _keep_ours(input: ExecuteActivityInput, info: activity.Info) -> None:
    """Without arguments the codec took the details of a heartbeat for them, and could not leave them out."""
    given, details = _GIVEN.get(), info.heartbeat_details
    if not input.args and given and not given.is_note and isinstance(details, list):
        details.clear()


def _of(kind: Kind, info: activity.Info) -> Message:
    return Message(
        kind=kind,
        name=info.activity_type,
        workflow_id=info.workflow_id or "",
        namespace=info.namespace,
        run_id=info.workflow_run_id or "",
        id=info.activity_id,
    )


def _message(kind: Kind, context: ActivitySerializationContext, run_id: str = "") -> Message:
    return Message(
        kind=kind,
        name=context.activity_type or "",
        workflow_id=context.workflow_id or "",
        namespace=context.namespace,
        run_id=run_id,
        id=context.activity_id or "",
    )
