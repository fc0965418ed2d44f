"""The witness of the audit in Temporal: shown each checkpoint, asked for all that it has seen."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Awaitable, Callable, Sequence

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.access.verification import Mark
from workers.client.calls import QUERY_TIMEOUT, RPC_TIMEOUT
from workers.core.settings import TASK_QUEUE
from workflows.access.messages import AUDIT_ID, NewHead, WitnessAnswer, WitnessState

WITNESS = "the witness in Temporal"
ProofFrom = Callable[[int], Awaitable[NewHead]]
"""The newest checkpoint, with the proof that it continues the log of this size."""


async def shown(client: Client, newest: ProofFrom, queue: str = TASK_QUEUE, id_: str = AUDIT_ID) -> WitnessAnswer:
    """Shows the newest checkpoint; first asks what the witness has, so that the proof begins there."""
    answer = await _told(client, await newest(0), queue, id_)
    new = await newest(answer.head.size) if answer.head.size else None
    if new is None or new.size <= answer.head.size:
        return answer
    return await _told(client, new, queue, id_)


async def _told(client: Client, new: NewHead, queue: str, id_: str) -> WitnessAnswer:
    started: WithStartWorkflowOperation[WitnessState, None] = WithStartWorkflowOperation(
        "AuditWitness",
        WitnessState(),
        id=id_,
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="remembers checkpoints of the audit",
    )
    answer: WitnessAnswer = await client.execute_update_with_start_workflow(
        "witness",
        new,
        start_workflow_operation=started,
        id=f"witness-{new.size}-{secrets.token_hex(4)}",
        result_type=WitnessAnswer,
        rpc_timeout=RPC_TIMEOUT,
    )
    return answer


async def seen(client: Client, id_: str = AUDIT_ID) -> Sequence[Mark]:
    """Empty: it has seen nothing yet, or does not answer."""
    try:
        state: WitnessState = await client.get_workflow_handle(id_).query(
            "state", result_type=WitnessState, rpc_timeout=QUERY_TIMEOUT
        )
    except RPCError as away:
        if away.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED):
            return ()
        raise
    except WorkflowQueryFailedError:
        return ()
    return tuple(Mark(WITNESS, one.size, base64.b64decode(one.root)) for one in state.heads)
