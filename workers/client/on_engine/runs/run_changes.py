"""What changes runs: start, cancel, run again. Each is decided and recorded around what it does."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING

from domain.access.actions import Action
from domain.access.principal import PrincipalKind
from domain.core.documents import Manifest, Node
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.client.guard import needed
from workers.client.on_engine.parts import RECORDED_EVERY_S, RECORDED_LOOKS, starter, update_id
from workers.client.on_engine.runs import named_starts
from workers.client.on_engine.runs.known_runs import MAX_ECHO, KnownRuns
from workers.client.on_engine.runs.run_rows import pipeline_resource, resource_of
from workers.client.ports.runs import NewAttempt, ParamField, StartRun
from workers.client.unseen import unseen

if TYPE_CHECKING:
    from activities.runs.run_lists import ListedPipeline
    from domain.runs.record import RunRecord
    from domain.triggers.delivery import Delivery
    from workers.client.cancelling import Cancelled

MAX_REASON = 500


class RunChanges(KnownRuns):
    """The changes of `Runs`."""

    async def params(self, pipeline: str) -> tuple[ParamField, ...]:
        """Of the definition at the head of the default branch."""
        known = await self._pipeline(pipeline)
        async with self._seen_pipeline(pipeline):
            await needed(self._guard, Action.DEFINITIONS_READ, pipeline_resource(pipeline))
        mirrors = self._parts.settings.mirrors
        found = await self._parts.blocking(lambda: named_starts.find(known, "", mirrors))
        return await self._parts.blocking(lambda: named_starts.fields(found.data, found.path))

    async def start(self, what: StartRun, key: str) -> str:
        """Of the branch as it is now; returns the run's id."""
        about: Manifest = {"branch": what.branch, "params": list(what.params)[: named_starts.MAX_PARAMS]}
        known = await self._pipeline(what.pipeline)
        async with (
            self._seen_pipeline(what.pipeline),
            self._guard.use(Action.RUNS_START, pipeline_resource(what.pipeline), about) as told,
        ):
            run = await self._start(known, what, key)
            told.tell(run=run)
            return run

    async def _start(self, known: ListedPipeline, what: StartRun, key: str) -> str:
        from workers.client import triggers
        from workers.client.client import new_delivery_id

        params = named_starts.checked(what.params)
        caller = self._guard.caller
        mirrors = self._parts.settings.mirrors
        found = await self._parts.blocking(lambda: named_starts.find(known, what.branch, mirrors))
        id_ = update_id(caller, "manual", key) or new_delivery_id("manual")
        actor = starter(caller)
        delivery = await self._parts.blocking(
            lambda: named_starts.delivery_of(found, known["name"], params, id_, actor)
        )
        answer = await triggers.deliver(await self._parts.engine(), delivery)
        if answer.problems:
            raise DefinitionError("SLW501", "the definition does not take this", why="\n".join(answer.problems[:20]))
        if not answer.run:
            raise RefusedError("SLW904", f"{known['name']} was not started", why=answer.reason)
        await self._until_recorded(answer.run)
        return answer.run

    async def _until_recorded(self, run: str) -> None:
        """A page that is opened at once finds the run. Without a worker there is none to wait for."""
        for _ in range(RECORDED_LOOKS):
            if await self._parts.read(lambda: self._reader.get(run)):
                return
            await asyncio.sleep(RECORDED_EVERY_S)

    async def _pipeline(self, name: str) -> ListedPipeline:
        known = await self._parts.read(lambda: self._lists.pipeline(name))
        if known is None:
            raise _no_pipeline(name)
        return known

    def _seen_pipeline(self, name: str) -> AbstractAsyncContextManager[None]:
        return unseen(self._guard, Action.RUNS_READ, pipeline_resource(name), _no_pipeline(name))

    async def cancel(self, run: str, reason: str, *, now: bool = False, key: str = "") -> str:
        """In every state of the engine: a run whose workflow only meets errors is ended from outside."""
        row, known = await self._find(run)
        reason = reason[:MAX_REASON] or "cancelled manually"
        about: Manifest = {"reason": reason, "now": now}
        async with self._seen(run, row), self._guard.use(Action.RUNS_CANCEL, resource_of(row), about) as told:
            if known["ended_at"] is not None:
                raise RefusedError("SLW905", f"the run has ended: {known['status']}", where=known["id"])
            done = await self._cancel(known["id"], reason, now, update_id(self._guard.caller, "cancel", key))
            told.tell(forced=done.forced if done else True)
        return words_of(known["id"], done, now=now)

    async def _cancel(self, run: str, reason: str, now: bool, id_: str) -> Cancelled | None:
        """None: Temporal has no such run, and its record is closed."""
        from workers.client import cancelling

        records = self._parts.records
        try:
            done = await cancelling.cancel(await self._parts.engine(), run, reason, now=now, id_=id_)
        except SluicewayError as unknown:
            if unknown.code != "SLW907":
                raise
            await self._parts.blocking(lambda: records.runs.close(run, reason, time.time()))
            return None
        why = f"{reason}; it could not end itself: {done.words}"
        if done.forced:
            await self._parts.blocking(lambda: records.runs.close(run, why, time.time()))
        for name in done.lost:
            if name.startswith("release/"):
                await self._parts.blocking(partial(records.releases.close, name, why))
        return done

    async def rerun(
        self, run: str, *, everything: bool = False, job: str = "", changed: bool = False, key: str = ""
    ) -> NewAttempt:
        """The code stays at the run's commit, and what passed keeps its results."""
        from activities.runs.port import Rerun
        from domain.runs.rerun import From, RerunRequest
        from workers.client import runs

        row, known = await self._find(run)
        about: Manifest = {"everything": everything, "job": job[:MAX_ECHO], "changed": changed}
        async with self._seen(run, row), self._guard.use(Action.RUNS_RERUN, resource_of(row), about) as told:
            actor, actor_from = starter(self._guard.caller)
            wish = RerunRequest(From.ALL if everything else From.JOB if job else From.FAILED, job)
            delivery = await self._definition_now(known) if changed else None
            asked = Rerun(known["pipeline"], known["number"], wish, actor, delivery, actor_from=actor_from)
            id_ = update_id(self._guard.caller, "rerun", key)
            answer = await runs.rerun(await self._parts.engine(), asked, id_)
            told.tell(run=answer.run)
            await self._until_recorded(answer.run)
            return NewAttempt(id=answer.run, again=answer.again, count=answer.count, jobs=answer.jobs)

    async def _definition_now(self, known: RunRecord) -> Delivery:
        """Of the branch; of a working copy, which is a folder of this machine, for its owner alone.

        Raises:
            RefusedError: SLW410, the caller may not start the pipeline.
            DefinitionError: SLW477, somebody else asks for what is in a folder.
        """
        from activities.source.mirrors import SNAPSHOT
        from workers.client import deliveries

        await needed(self._guard, Action.RUNS_START, pipeline_resource(known["pipeline"]))
        folder = Node(json.loads(known["source"] or "{}"))["repo"].text().startswith(SNAPSHOT)
        if folder and self._guard.caller.principal.kind is not PrincipalKind.OWNER:
            raise DefinitionError("SLW477", f"{known['id']} is of a working copy of the engine's own machine")
        mirrors = self._parts.settings.mirrors
        return await self._parts.blocking(lambda: deliveries.definition_now(known, mirrors))


def _no_pipeline(name: str) -> SluicewayError:
    fix = "sluiceway runs; a pipeline is known from its first run on"
    return SluicewayError("SLW911", f"no run of a pipeline '{name[:MAX_ECHO]}' is recorded", fix=fix)


def words_of(run: str, done: Cancelled | None, *, now: bool = False) -> str:
    """What happens to a run that is cancelled, in lines for people."""
    if done is None:
        return f"{run} is closed as cancelled: Temporal has no open run of this name"
    lines = []
    if done.forced:
        lines.append(f"{run} is cancelled; it could not end itself: {done.words}")
        lines.append(
            "  its processes are stopped, its slots are free, its approvals are closed, its releases roll back"
        )
    else:
        more = done.words or ("" if now else "cancel it again to end it at once")
        lines.append(f"{run} is being cancelled" + (f"; {more}" if more else ""))
    for name in done.lost:
        lines.append(f"  {name} only met errors and was ended")
        if name.startswith("release/"):
            lines.append("  what is live was left as it is: see sluiceway release list, and roll back by hand")
    return "\n".join(lines)
