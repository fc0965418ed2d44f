"""Runs: status, cancel, rerun."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from temporalio.exceptions import ApplicationError

from domain.core import ids as keys
from domain.core.errors import RefusedError
from workers.client.calls import RPC_TIMEOUT, again, ask, explained, outcome, update
from workers.client.client import Engine
from workers.client.triggers import pipeline
from workflows.runs.messages import RunResult, RunView
from workflows.triggers.messages import RerunAnswer

if TYPE_CHECKING:  # imports everything that plans consist of, which takes a tenth of a second
    from activities.runs.port import Rerun


async def view(engine: Engine, run: str) -> RunView:
    """The current status of a run.

    Raises:
        SluicewayError: SLW907, unknown to Temporal; SLW906, no worker answers.
    """
    handle = engine.client.get_workflow_handle(run)
    return await ask(handle.query("view", result_type=RunView, rpc_timeout=RPC_TIMEOUT), run)


async def result(engine: Engine, run: str) -> RunResult:
    """The result of a run, once it has ended."""
    return await outcome(engine.client.get_workflow_handle(run, result_type=RunResult), RunResult)


async def cancel(engine: Engine, run: str, reason: str, *, now: bool = False, id_: str = "") -> str:
    """Stops a run: its processes end, its approvals close, its releases roll back; then jobs with always() run.

    A second cancel, or `now`, ends what is left at once. With the same `id_` it is the same cancel.
    """
    handle = engine.client.get_workflow_handle(run)
    return await update(handle, "cancel", reason, str, id_, more=[True] if now else [])


async def rerun(engine: Engine, asked: Rerun, id_: str = "") -> RerunAnswer:
    """Starts a new attempt of a run; with the same `id_`, once.

    Raises:
        RefusedError: nothing to run again, the run is still running, or it is unknown.
    """
    id_ = id_ or f"rerun-{secrets.token_hex(8)}"

    async def start() -> RerunAnswer:
        answer: RerunAnswer = await engine.client.execute_update_with_start_workflow(
            "rerun",
            asked,
            id=id_,
            start_workflow_operation=pipeline(engine, asked.pipeline),
            result_type=RerunAnswer,
            rpc_timeout=RPC_TIMEOUT,
        )
        return answer

    try:
        sent = ask(again(start), keys.run_id(asked.pipeline, asked.number))
        return await explained(engine, keys.pipeline_id(asked.pipeline), sent)
    except RefusedError as refused:
        cause = getattr(refused.__cause__, "cause", None)
        if not isinstance(cause, ApplicationError) or not cause.type:
            raise
        raise RefusedError(cause.type, cause.message, where=refused.where) from refused
