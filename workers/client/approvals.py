"""Approvals: pending requests, and signed decisions."""

from __future__ import annotations

import math
import secrets
import time
from pathlib import Path

from domain.approvals.request import Decision
from domain.core import ids as keys
from domain.core.errors import SluicewayError
from workers.client import runs
from workers.client.calls import RPC_TIMEOUT, ask, explained, update
from workers.client.client import Engine
from workflows.approvals.messages import ApprovalView, DecideAnswer


async def view(engine: Engine, run: str, job: str) -> ApprovalView:
    """What an approval asks for, and the decisions so far.

    Raises:
        SluicewayError: SLW907, there is no such request.
    """
    return await view_of(engine, keys.approval_id(run, job))


async def view_of(engine: Engine, id_: str) -> ApprovalView:
    """The same by the id of the approval's workflow."""
    handle = engine.client.get_workflow_handle(id_)
    return await ask(handle.query("request", result_type=ApprovalView, rpc_timeout=RPC_TIMEOUT), id_)


async def pending(engine: Engine, run: str) -> list[str]:
    """Jobs of a run that wait for a decision."""
    jobs = (await runs.view(engine, run)).jobs
    running = [job for job in jobs if job.status == "running" and job.kind in ("approval", "gate")]
    return [job.id for job in running if job.kind == "approval" or await _is_asked(engine, run, job.id)]


async def _is_asked(engine: Engine, run: str, job: str) -> bool:
    """A gate only asks while it is held."""
    try:
        await view(engine, run, job)
    except SluicewayError:
        return False
    return True


async def unsigned(
    engine: Engine, run: str, job: str, approver: str, approve: bool, comment: str, lifetime_s: float = 600
) -> Decision:
    """A decision for exactly the current request, still to be signed.

    Raises:
        SluicewayError: nothing is pending.
    """
    asked = await view(engine, run, job)
    return decision_on(asked, approver, approve, comment, lifetime_s)


def decision_on(
    asked: ApprovalView, approver: str, approve: bool, comment: str = "", lifetime_s: float = 600
) -> Decision:
    """A decision on what a person has seen, still to be signed."""
    return Decision(
        approver=approver,
        approve=approve,
        comment=comment,
        binding=asked.binding,
        expires_at=float(math.floor(min(asked.expires_at, time.time() + lifetime_s))),
        request_id=secrets.token_hex(8),
    )


async def sign(
    engine: Engine,
    run: str,
    job: str,
    approver: str,
    approve: bool,
    comment: str,
    keys_folder: Path,
    lifetime_s: float = 600,
) -> Decision:
    """A signed decision for exactly the current request.

    Raises:
        SluicewayError: the approver has no key in `keys_folder`, or nothing is pending.
    """
    from activities.access import identities, private_keys

    key = private_keys.load(keys_folder, approver)
    return identities.sign(key, await unsigned(engine, run, job, approver, approve, comment, lifetime_s))


async def decide(engine: Engine, run: str, job: str, decision: Decision) -> DecideAnswer:
    """Sends a signed decision; the answer says whether it counts, and by which rule."""
    handle = engine.client.get_workflow_handle(keys.approval_id(run, job))
    return await explained(engine, handle.id, update(handle, "decide", decision, DecideAnswer, decision.request_id))
