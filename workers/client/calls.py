"""Calls to workflows: retried where that is safe, with errors for people."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError, TerminatedError
from temporalio.service import RPCError, RPCStatusCode

from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from workers.client import engine_errors
from workers.client.client import Engine
from workers.core.light_conversion import LIGHT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RPC_TIMEOUT = timedelta(seconds=60)
QUERY_TIMEOUT = timedelta(seconds=5)
PATIENCE_S = 2.0
"""Before it is asked why a workflow does not answer."""
RPC_ATTEMPTS = 6
T = TypeVar("T")
Workflow = TypeVar("Workflow")
Result = TypeVar("Result")
_PASSING = (
    *(RPCStatusCode.UNAVAILABLE, RPCStatusCode.ABORTED, RPCStatusCode.INTERNAL),
    RPCStatusCode.RESOURCE_EXHAUSTED,  # also reported while a workflow continues as new
)


async def update(
    handle: WorkflowHandle[Workflow, Result],
    name: str,
    argument: str | DataclassInstance,
    kind: type[T],
    id_: str = "",
    more: Sequence[bool] = (),
) -> T:
    """Sends an update by its public name; its id makes repeated calls idempotent. `more`: further arguments."""
    id_ = id_ or f"{name}-{secrets.token_hex(8)}"

    async def call() -> T:
        answer: T = await handle.execute_update(
            name, args=[argument, *more], id=id_, result_type=kind, rpc_timeout=RPC_TIMEOUT
        )
        return answer

    return await ask(again(call), handle.id)


async def explained(engine: Engine, workflow: str, call: Awaitable[T]) -> T:
    """The call's answer, or at once why there is none: its workflow only meets errors.

    Raises:
        SluicewayError: SLW917, with the error.
    """
    asked = asyncio.ensure_future(call)
    try:
        while not (await asyncio.wait({asked}, timeout=PATIENCE_S))[0]:
            if error := await engine_errors.of(engine, workflow):
                raise SluicewayError("SLW917", str(error))
        return asked.result()
    finally:
        asked.cancel()


LISTS = {"cluster": "sluiceway cluster list", "pod": "sluiceway pod list", "release": "sluiceway release list"}
"""By what an id begins with: the command that lists those that are there."""


def no_open(what: str) -> SluicewayError:
    """Of a run, release, cluster or request that is not under way."""
    fix = LISTS.get(what.partition("/")[0], "sluiceway runs")
    return SluicewayError("SLW907", f"Temporal has no open {what}", fix=fix)


async def outcome(handle: WorkflowHandle[Workflow, T], kind: type[T]) -> T:
    """The result of a workflow once it has ended: well, badly, or cancelled.

    Raises:
        WorkflowFailureError: it crashed or was terminated, without a result.
        SluicewayError: it was cancelled, and no worker can tell its result.
    """
    try:
        return await handle.result()
    except WorkflowFailureError as failed:
        if isinstance(failed.cause, CancelledError):
            result: T | None = await ask(handle.query("result", result_type=kind, rpc_timeout=RPC_TIMEOUT), handle.id)
        else:
            result = _result_in(failed.cause, kind)
        if isinstance(failed.cause, TerminatedError):
            raise SluicewayError("SLW918", f"{handle.id} was terminated", why=failed.cause.message) from failed
        if result is None:
            raise
        return result


def _result_in(failed: BaseException | None, kind: type[T]) -> T | None:
    """The result in the failure of a workflow that ended badly (workflows/core/failures.py); None: it crashed."""
    if not isinstance(failed, ApplicationError) or not failed.details:
        return None
    converter = LIGHT.payload_converter
    result: T = converter.from_payload(converter.to_payload(failed.details[0]), kind)
    return result


async def again(call: Callable[[], Awaitable[T]]) -> T:
    """Retries when the server asks for it, as when a workflow ends while it answers.

    Only for calls with an id, which the server answers once.
    """
    for attempt in range(RPC_ATTEMPTS):
        try:
            return await call()
        except RPCError as broken:
            if not _passing(broken) or attempt == RPC_ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.05 * 2**attempt)
    raise AssertionError("the loop returns or raises")


def _passing(broken: RPCError) -> bool:
    lost_race = broken.status is RPCStatusCode.FAILED_PRECONDITION and "workflow task failure" in broken.message
    return lost_race or broken.status in _PASSING


async def ask(call: Awaitable[T], what: str) -> T:
    """A workflow's answer, or an error for people."""
    try:
        return await call
    except WorkflowUpdateFailedError as refused:
        raise RefusedError("SLW905", str(refused.cause), where=what) from refused
    except WorkflowQueryFailedError as failed:
        raise SluicewayError("SLW906", f"{what} cannot answer yet", why=str(failed)) from failed
    except RPCError as broken:
        if broken.status is RPCStatusCode.NOT_FOUND:
            raise no_open(what) from broken
        raise unreachable(broken) from broken


def unreachable(broken: RPCError) -> UnreachableError:
    """SLW902 with gRPC's message; raise it from the original error."""
    return UnreachableError("SLW902", "the engine does not answer", why=broken.message)
