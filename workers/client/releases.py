"""Releases and their environments: status, commands, rollback."""

from __future__ import annotations

from domain.core import ids as keys
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.actions import ReleaseResult
from workers.client.calls import RPC_TIMEOUT, ask, explained, update
from workers.client.calls import outcome as ended
from workers.client.client import Engine
from workflows.releases.messages import EnvironmentState, ReleaseView


async def view(engine: Engine, release: str) -> ReleaseView:
    """The current status of a release.

    Raises:
        SluicewayError: SLW907, unknown to Temporal; SLW906, no worker answers.
    """
    handle = engine.client.get_workflow_handle(release)
    asked = ask(handle.query("view", result_type=ReleaseView, rpc_timeout=RPC_TIMEOUT), release)
    return await explained(engine, release, asked)


async def outcome(engine: Engine, release: str) -> ReleaseResult:
    """The result of a release, once it has ended."""
    return await ended(engine.client.get_workflow_handle(release, result_type=ReleaseResult), ReleaseResult)


async def environment(engine: Engine, name: str) -> EnvironmentState:
    """Live versions, lock holder and waiters of an environment."""
    handle = engine.client.get_workflow_handle(keys.environment_id(name))
    return await ask(handle.query("state", result_type=EnvironmentState, rpc_timeout=RPC_TIMEOUT), name)


async def steer(engine: Engine, release: str, verb: str, reason: str, id_: str = "") -> str:
    """Sends pause, resume, promote, override, abort or rollback; with the same `id_`, once.

    Raises:
        RefusedError: not allowed in the current state, with the reason.
    """
    try:
        sent = update(engine.client.get_workflow_handle(release), verb, reason, str, id_)
        return await explained(engine, release, sent)
    except SluicewayError as failed:
        ended = (await view(engine, release)).verdict if failed.code == "SLW907" else ""
        if not ended:
            raise
        raise RefusedError("SLW905", f"{verb}: the release has ended: {ended}", where=release) from failed


async def rollback(engine: Engine, environment: str, service: str, id_: str = "") -> str:
    """Releases the previous version of a service again; returns the id of that release."""
    handle = engine.client.get_workflow_handle(keys.environment_id(environment))
    return await explained(engine, handle.id, update(handle, "rollback", service, str, id_))
