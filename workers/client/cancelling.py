"""Cancels a run in every state of the engine: also while its workflow fails, or no worker answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from temporalio.service import RPCError, RPCStatusCode

from domain.core import ids
from workers.client import engine_errors, queues, runs
from workers.client.calls import ask
from workers.client.client import Engine
from workers.client.engine_errors import EngineError
from workflows.queues.messages import GiveSlot
from workflows.releases.messages import GiveLock

POLL_S = 0.5
LASTS_S = 2.0
"""An error that lasts so long does not end by itself: a worker that was replaced has another one by then."""
NO_WORKER_S = 15.0


@dataclass(frozen=True)
class Cancelled:
    """How a run was cancelled. Forced: its workflow could not do it, so its record must be closed."""

    words: str
    forced: bool = False
    lost: tuple[str, ...] = ()
    """Workflows of its approvals and releases that were terminated as well."""
    errors: list[EngineError] = field(default_factory=list)


async def cancel(engine: Engine, run: str, reason: str, *, now: bool = False, id_: str = "") -> Cancelled:
    """Asks the run, like `runs.cancel`. Where it, its release or its approval only meets errors, ends that at once.

    Raises:
        SluicewayError: SLW907, it does not run.
    """
    asked = asyncio.ensure_future(runs.cancel(engine, run, reason, now=now, id_=id_))
    try:
        errors, late = await _watched(asked, lambda: engine_errors.of_family(engine, run))
        if errors:
            return await _forced(engine, run, reason, errors)
        if late:
            await _request(engine, run, reason)
            return Cancelled("no worker answers: it is cancelled as soon as one does")
        await asked
        return Cancelled("")
    finally:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)


async def _watched(
    asked: asyncio.Future[str], look: Callable[[], Awaitable[list[EngineError]]]
) -> tuple[list[EngineError], bool]:
    """Errors that last, and whether nobody answers."""
    began, since = time.monotonic(), 0.0
    while True:
        errors = await look()
        since = (since or time.monotonic()) if errors else 0.0
        if errors and time.monotonic() - since >= LASTS_S:
            return errors, False
        if not errors and asked.done():
            return [], False
        if not errors and time.monotonic() - began > NO_WORKER_S:
            return [], True
        await asyncio.sleep(POLL_S if asked.done() else 0)
        await asyncio.wait({asked}, timeout=POLL_S)


async def _forced(engine: Engine, run: str, reason: str, errors: list[EngineError]) -> Cancelled:
    """Terminates whoever meets errors. Temporal then cancels a terminated run's releases, which roll back."""
    names = [error.workflow for error in errors]
    words = f"{reason} ({errors[0]})"
    for name in names:
        await (_end_release if name.startswith("release/") else _terminate)(engine, name, words)
    if run not in names:  # its child is gone, and it can end by itself
        return Cancelled(str(errors[0]), lost=tuple(names), errors=errors)
    await _give_slots(engine, run)
    return Cancelled(str(errors[0]), True, tuple(name for name in names if name != run), errors)


async def end_release(engine: Engine, release: str, reason: str) -> EngineError | None:
    """Ends a release that only meets errors, as it is, and frees its environment; None: it can end itself."""
    began = time.monotonic()
    while error := await engine_errors.of(engine, release):
        if time.monotonic() - began >= LASTS_S:
            await _end_release(engine, release, f"{reason} ({error})")
            return error
        await asyncio.sleep(POLL_S)
    return None


async def _end_release(engine: Engine, release: str, reason: str) -> None:
    await _terminate(engine, release, reason)
    _, service, environment, _ = release.split("/")
    lock = engine.client.get_workflow_handle(ids.environment_id(environment))
    await ask(lock.signal("give", GiveLock(release, service, went_back=True)), lock.id)


async def _request(engine: Engine, run: str, reason: str) -> None:
    await ask(engine.client.get_workflow_handle(run).cancel(reason=reason), run)


async def _terminate(engine: Engine, workflow: str, reason: str) -> None:
    try:
        await engine.client.get_workflow_handle(workflow).terminate(reason=reason)
    except RPCError as broken:
        if broken.status is not RPCStatusCode.NOT_FOUND:
            raise


async def _give_slots(engine: Engine, run: str) -> None:
    """Its queues would notice at their next look; this way the next one starts at once."""
    for id_, queue in (await queues.states(engine)).items():
        for place in (*queue.holders, *queue.waiting):
            if place.who.partition(" ")[0] == run and id_.startswith("queue/"):
                await ask(engine.client.get_workflow_handle(id_).signal("give", GiveSlot(place.who)), id_)
