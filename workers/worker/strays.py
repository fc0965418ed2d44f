"""Ends executions that no process of ours has started: they would wait for ever, and hold an id that ours need."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import WorkflowExecutionStartedEventAttributes
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client
from temporalio.client import WorkflowExecution as Listed
from temporalio.service import RPCError

from domain.authority import seals, strays
from domain.authority.seals import Kind, Message
from domain.authority.strays import OpenExecution
from workers.core import sealed_payloads as on_wire
from workers.core.keyring import Keyring
from workers.core.refused import Refusals

EVERY_S = 15.0
AT_ONCE = 100
"""Executions that one sweep ends; the next one goes on."""
_BEGINNINGS = frozenset({Kind.START, Kind.CONTINUED, Kind.SCHEDULED})
_log = logging.getLogger("sluiceway.worker")


class Strays:
    """Verifies the first message of each open execution once. `alone`: nobody else may use the server."""

    def __init__(
        self,
        client: Client,
        ring: Keyring,
        refusals: Refusals,
        queues: Collection[str],
        types: Collection[str],
        alone: bool,
    ) -> None:
        self._client, self._ring, self._refusals = client, ring, refusals
        self._queues, self._types, self._alone = queues, types, alone
        self._ours: set[str] = set()

    async def watch(self) -> None:
        """Looks for ever; a server that does not answer is asked again."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.end(time.time())
            except RPCError as broken:
                _log.warning("executions were not looked through: %s", broken.message)

    async def end(self, now: float) -> list[str]:
        """Ends what is not ours and older than a worker needs to refuse it; returns the workflow ids."""
        ended: list[str] = []
        seen: set[str] = set()
        async for listed in self._client.list_workflows("ExecutionStatus = 'Running'"):
            one = _open(listed)
            seen.add(one.run_id)
            if one.run_id in self._ours or not strays.to_look_at(one, self._queues, now, alone=self._alone):
                continue
            if await self._end_stray(one):
                ended.append(one.workflow_id)
            if len(ended) >= AT_ONCE:
                return ended
        self._ours &= seen
        return ended

    async def _end_stray(self, one: OpenExecution) -> bool:
        started = await self._started(one)
        if started is None:
            return False
        why = "" if one.run_id in self._ring.all().before else self._complaint(one, started)
        if not why:
            self._ours.add(one.run_id)
            return False
        said = strays.words(one, self._types, self._queues, why)
        handle = self._client.get_workflow_handle(one.workflow_id, run_id=one.run_id)
        try:
            await handle.terminate(reason=f"{strays.CODE}: {said}")
        except RPCError:  # it has ended meanwhile
            return False
        self._refusals.ended(one.type, one.workflow_id, said, started.identity)
        return True

    async def _started(self, one: OpenExecution) -> WorkflowExecutionStartedEventAttributes | None:
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=one.workflow_id, run_id=one.run_id),
            maximum_page_size=1,
        )
        try:
            page = await self._client.workflow_service.get_workflow_execution_history(request)
        except RPCError:
            return None
        return page.history.events[0].workflow_execution_started_event_attributes if page.history.events else None

    def _complaint(self, one: OpenExecution, started: WorkflowExecutionStartedEventAttributes) -> str:
        """Why the first message is not ours; empty: it is."""
        payloads, headers = started.input.payloads, started.header.fields
        on_wire.open_all(self._ring, self._client.namespace, payloads)
        found = on_wire.found(payloads, headers)
        first = found[0] if found else None
        if first is None or first.kind not in _BEGINNINGS:
            return "it has no seal"
        kind = Kind(first.kind)
        id_ = seals.scheduled_base(one.workflow_id) if kind is Kind.SCHEDULED else one.workflow_id
        message = Message(
            kind=kind, name=one.type, workflow_id=id_, namespace=self._client.namespace, run_id=first.run_id
        )
        why = on_wire.refusal(self._ring, message, payloads, headers)
        original = started.original_execution_run_id or one.run_id
        if not why and kind is Kind.START and not self._ring.starts.first(first.nonce, original):
            return "it began another execution"
        return why


def _open(listed: Listed) -> OpenExecution:
    return OpenExecution(
        workflow_id=listed.id,
        run_id=listed.run_id,
        type=listed.workflow_type,
        queue=listed.task_queue,
        started_at=listed.start_time.timestamp(),
    )
