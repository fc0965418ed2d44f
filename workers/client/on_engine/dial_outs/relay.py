"""The task queue of a cluster that dials out, polled by the server in the name of the worker in it.

That worker never reaches the Temporal server, and gets no key: what it is given was verified here, and what it answers
is sealed here, for exactly the activity that it was given.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollActivityTaskQueueRequest,
    PollActivityTaskQueueResponse,
    RecordActivityTaskHeartbeatRequest,
    RespondActivityTaskCanceledRequest,
    RespondActivityTaskCompletedRequest,
    RespondActivityTaskFailedRequest,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.authority.handles import Given, given_of, handle_of
from domain.authority.seals import Kind, Message
from domain.core.errors import DefinitionError, RefusedError, UnreachableError
from domain.core.ids import calls_queue, cluster_queue, dialled_id, inventory_id
from domain.inventory.dialled import CALL
from domain.inventory.model import MOST_REASON
from domain.inventory.told import CODE
from workers.client.ports.dial_outs import WAIT_S, Beaten, DialledTask
from workers.core import sealed_payloads as on_wire
from workers.core.keyring import Keyring

if TYPE_CHECKING:
    from temporalio.client import Client

    from workers.client.client import Engine
    from workers.client.on_engine.parts import EngineParts

T = TypeVar("T")
WATCH = "watch-inventory"
"""What a cluster's worker does for as long as the cluster is known; all else is a `CALL`."""
FAILED = "ClusterWorker"
"""Type of a failure that the worker in a cluster tells; its words are a stranger's."""
NOBODY_WAITS = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)
"""It is over, or was given to somebody else."""
MOST_ASKING = 4
"""Questions for work of one queue that wait in this process: its worker asks one at a time."""
NOTHING_CAME = (RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED)


class TemporalRelay:
    """Implements `Relay`."""

    def __init__(self, parts: EngineParts, ring: Keyring | None = None, wait_s: float = WAIT_S) -> None:
        self._parts, self._wait_s = parts, wait_s
        self._ring = ring or Keyring.of_home(parts.settings.home)
        self._asking = Counter[str]()

    async def task(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        return await self._taken(cluster, cluster_queue)

    async def call(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        return await self._taken(cluster, calls_queue)

    async def _taken(self, cluster: str, queue_of: Callable[[str, str], str]) -> DialledTask | None:
        """What no workflow of this installation has asked for, or not of this cluster, is refused."""
        engine = await self._parts.engine()
        queue = queue_of(engine.queue, cluster)
        with self._counted(cluster, queue):
            found = await self._polled(engine, cluster, queue)
        if not found.task_token:
            return None
        given = Given(
            cluster=cluster,
            token=base64.b64encode(found.task_token).decode(),
            type=found.activity_type.name,
            workflow_id=found.workflow_execution.workflow_id,
            run_id=found.workflow_execution.run_id,
            activity_id=found.activity_id,
        )
        if why := self._refusal(engine.client, given, found):
            await self._fail(engine.client, given, f"the worker in {cluster} is not given this: {why}", final=True)
            return None
        return DialledTask(
            handle=handle_of(self._ring.newest.secret, given), kind=given.type, asked=_text(engine.client, found)
        )

    @contextmanager
    def _counted(self, cluster: str, queue: str) -> Iterator[None]:
        """Raises:
        RefusedError: SLW455, too many ask already.
        """
        if self._asking[queue] >= MOST_ASKING:
            raise RefusedError("SLW455", "too many ask for the work of this cluster", where=cluster)
        self._asking[queue] += 1
        try:
            yield
        finally:
            self._asking[queue] -= 1

    async def _polled(self, engine: Engine, cluster: str, queue: str) -> PollActivityTaskQueueResponse:
        asked = PollActivityTaskQueueRequest(
            namespace=engine.client.namespace,
            task_queue=TaskQueue(name=queue),
            identity=f"worker in {cluster}",
        )
        try:
            return await engine.client.workflow_service.poll_activity_task_queue(
                asked, timeout=timedelta(seconds=self._wait_s)
            )
        except RPCError as broken:
            if broken.status in NOTHING_CAME:
                return PollActivityTaskQueueResponse()
            raise _away(broken) from broken

    def _refusal(self, client: Client, given: Given, found: PollActivityTaskQueueResponse) -> str:
        """Why a task is not one of ours for this cluster; empty: it is."""
        if not _is_of(given):
            return "it is not of this cluster"
        payloads = list(found.input.payloads)
        on_wire.open_all(self._ring, client.namespace, payloads)
        return on_wire.refusal(self._ring, _message(client, Kind.ACTIVITY, given), payloads, found.header.fields)

    async def beat(self, cluster: str, handle: str) -> Beaten:
        """See `DialOuts`."""
        given, client = self._given(cluster, handle), (await self._parts.engine()).client
        asked = RecordActivityTaskHeartbeatRequest(namespace=client.namespace, task_token=_token(given))
        answer = await _told(client.workflow_service.record_activity_task_heartbeat(asked))
        return Beaten(over=answer is None or answer.cancel_requested)

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        """See `DialOuts`. Whatever it says counts as its end: nothing is decided by the words."""
        given, client = self._given(cluster, handle), (await self._parts.engine()).client
        words = said[:MOST_REASON]
        if failed:
            await self._fail(client, given, words)
            return
        if (await self.beat(cluster, handle)).over:
            asked = RespondActivityTaskCanceledRequest(namespace=client.namespace, task_token=_token(given))
            await _told(client.workflow_service.respond_activity_task_canceled(asked))
            return
        await self._done(client, given, words)

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        """See `DialOuts`. Whoever has asked reads it as a stranger's."""
        given, client = self._given(cluster, handle), (await self._parts.engine()).client
        if given.type != CALL:
            raise DefinitionError(CODE, "nothing is answered to this work", where=cluster)
        await self._done(client, given, text)

    async def _done(self, client: Client, given: Given, words: str) -> None:
        payloads = client.data_converter.payload_converter.to_payloads([words])
        on_wire.put(self._ring, _message(client, Kind.ACTIVITY_RESULT, given), payloads)
        done = RespondActivityTaskCompletedRequest(
            namespace=client.namespace, task_token=_token(given), result=Payloads(payloads=payloads)
        )
        await _told(client.workflow_service.respond_activity_task_completed(done))

    async def _fail(self, client: Client, given: Given, words: str, *, final: bool = False) -> None:
        info = ApplicationFailureInfo(type=FAILED, non_retryable=final)
        failure = Failure(message=words, source="sluiceway", application_failure_info=info)
        on_wire.hide_failure(self._ring, _message(client, Kind.NOTE, given, run=False), failure)
        asked = RespondActivityTaskFailedRequest(namespace=client.namespace, task_token=_token(given), failure=failure)
        await _told(client.workflow_service.respond_activity_task_failed(asked))

    def _given(self, cluster: str, handle: str) -> Given:
        found = given_of(self._ring.every_secret(), cluster, handle)
        if found is None:
            raise DefinitionError(CODE, "this is no work of this cluster", where=cluster)
        return found


def _is_of(given: Given) -> bool:
    """Whether it is one of the two kinds of work of this cluster's worker."""
    if given.type == CALL:
        return given.workflow_id.startswith(dialled_id(given.cluster, ""))
    return (given.type, given.workflow_id) == (WATCH, inventory_id(given.cluster))


def _text(client: Client, found: PollActivityTaskQueueResponse) -> str:
    """What a call asks for; of a watch nothing is told."""
    if found.activity_type.name != CALL:
        return ""
    return str(client.data_converter.payload_converter.from_payloads(list(found.input.payloads), [str])[0])


def _message(client: Client, kind: Kind, given: Given, *, run: bool = True) -> Message:
    return Message(
        kind=kind,
        name=given.type,
        workflow_id=given.workflow_id,
        namespace=client.namespace,
        run_id=given.run_id if run else "",
        id=given.activity_id,
    )


def _token(given: Given) -> bytes:
    return base64.b64decode(given.token)


async def _told(call: Awaitable[T]) -> T | None:
    """What the server answers; None: nobody waits for this any more."""
    try:
        return await call
    except RPCError as broken:
        if broken.status in NOBODY_WAITS:
            return None
        raise _away(broken) from broken


def _away(broken: RPCError) -> UnreachableError:
    return UnreachableError("SLW902", "Temporal does not answer", why=broken.message[:300], fix="sluiceway status")
