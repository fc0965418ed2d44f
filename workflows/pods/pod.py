"""`pod/CLUSTER/NAMESPACE/NAME/ATTEMPT`: one pod until its object is deleted; and the watch of a namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Concatenate, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.pods.port import NamespaceWatch, NewPod, PodActivities, PodAt, Removed
from domain.clusters.pending import PENDING_S
from domain.pods import status as pod
from domain.pods.manifest import attempt_name
from domain.pods.status import ENDED, Lost, PodPhase, PodStatus
from workflows.core import activity_options as options
from workflows.core.failures import cause_of, ended_badly, ended_cancelled, reraise_cancelled, was_cancelled
from workflows.pods.details import details
from workflows.pods.messages import PodInput, PodResult, Transition
from workflows.pods.steps import Alarm, step

T = TypeVar("T")
LOOK_AGAIN = timedelta(seconds=60)
"""After this long without a sighting the pod is read: the watch may be lost with its worker."""
END_S = 120.0
"""How long a deleted pod may take to end: four times Kubernetes' default grace period."""
LOOK_ENDING_S = 20.0
LOST_S = 10.0
"""Interval of checks of a lost node."""
ENDED_STAYS = "a-pod-that-ended-stays-ended"
"""Pods from before this patch lost their result when they were cancelled as their logs were kept."""


@workflow.defn(name="Pod")
class PodWorkflow:
    """One pod until it ends; a pod lost with its node is rescheduled if its input allows that."""

    @workflow.init
    def __init__(self, input: PodInput) -> None:
        self._input = input
        self._attempt = input.attempt
        self._seen = PodStatus(PodPhase.REQUESTED)
        self._transitions: list[Transition] = []
        self._ended: PodResult | None = None
        self._heard = 0
        self._alarm = Alarm()
        self._kept: Removed | None = None
        """What the watch kept of the pod before it removed it."""
        self._cause = ""
        self._uid = ""
        self._past: set[str] = set()
        """UIDs of earlier placements: late sightings of these are ignored."""
        self._again = ""
        """Why it is to be placed again; empty: it is not."""
        self._restarts = 0
        self._earlier: tuple[str, ...] = ()
        """Logs of placements that were restarted."""

    @workflow.run
    async def run(self, input: PodInput) -> PodResult:
        """The result of the pod. A failed pod fails its workflow too, with the result in the failure's details."""
        self._ended = result = await self._live(input)
        if result.phase is PodPhase.SUCCEEDED:
            return result
        if workflow.cancellation_reason() is not None:
            return await ended_cancelled(result, is_new=input.local)
        return ended_badly("Pod", str(PodPhase.FAILED), result.reason, result, is_new=input.local)

    async def _live(self, input: PodInput) -> PodResult:
        self._now(self._seen)
        deadline = workflow.time() + input.timeout_s
        ended = ""
        try:
            refused = await self._place()
            if refused:
                return self._result(replace(self._seen, phase=PodPhase.FAILED, reason=refused), Removed())
            while self._again or self._seen.phase not in ENDED:
                if self._again:
                    refused = await self._replaced()
                    if refused:
                        return self._result(replace(self._seen, phase=PodPhase.FAILED, reason=refused), Removed())
                    deadline = workflow.time() + input.timeout_s
                elif workflow.time() >= deadline:
                    ended = f"it did not end within {input.timeout_s:g} s"
                    break
                elif self._seen.phase is PodPhase.UNKNOWN:
                    ended = await self._lost(deadline)
                    if ended:
                        break
                else:
                    await self._wait(deadline)
        except (asyncio.CancelledError, ActivityError) as stopped:
            if not was_cancelled(stopped):
                raise
            return await asyncio.shield(self._finish("cancelled"))
        return await self._finish_whatever_comes(ended)

    async def _finish_whatever_comes(self, why: str) -> PodResult:
        """A pod that has ended stays as it ended: a cancel that comes as its logs are kept takes nothing back."""
        finishing = asyncio.ensure_future(self._finish(why))
        try:
            return await asyncio.shield(finishing)
        except asyncio.CancelledError:
            if not workflow.patched(ENDED_STAYS):
                finishing.cancel()
            return await finishing

    async def _place(self) -> str:
        """Creates the pod; returns why it was rejected, or empty. A cancel waits, so that what was created is deleted
        too.
        """
        making = asyncio.ensure_future(
            self._step(
                PodActivities.create,
                self._new(),
                summary=f"create {self._at().name}",
            )
        )
        try:
            made = await asyncio.shield(making)
        except asyncio.CancelledError:
            await workflow.wait([making])
            raise
        self._uid = made.uid
        if not made.reason and self._seen.phase is PodPhase.REQUESTED:
            self._now(PodStatus(PodPhase.PENDING))
        return made.reason

    def _new(self) -> NewPod:
        one = self._input
        return NewPod(self._at(), one.manifest, one.files, one.secrets, one.use, logs_by_watch=one.local)

    def _at(self) -> PodAt:
        one = self._input
        name = attempt_name(one.name, self._attempt)
        return PodAt(one.access, one.cluster, one.namespace, name, workflow.info().workflow_id, self._uid)

    async def _wait(self, deadline: float) -> None:
        """Waits for a sighting; reads the cause of a long-pending pod, and the state of a silent one."""
        pending = self._seen.phase in (PodPhase.REQUESTED, PodPhase.PENDING)
        limit = PENDING_S if pending and not self._cause else LOOK_AGAIN.total_seconds()
        if not await self._hears(min(limit, deadline - workflow.time())) and workflow.time() < deadline:
            await (self._explain() if pending else self._look())

    async def _step(self, what: Callable[Concatenate[Any, ...], Awaitable[T]], *args: object, summary: str) -> T:
        return await step(what, args, summary, is_local=self._input.local)

    async def _hears(self, limit_s: float) -> bool:
        """Whether a new sighting arrives in time."""
        heard = self._heard
        if self._input.local:
            return await self._alarm.wait(lambda: self._heard != heard, limit_s)
        try:
            await workflow.wait_condition(lambda: self._heard != heard, timeout=timedelta(seconds=max(limit_s, 0.01)))
        except TimeoutError:
            return False
        return True

    async def _explain(self) -> None:
        self._cause = await self._step(
            PodActivities.explain, self._at(), summary=f"explain why {self._at().name} is pending"
        )
        if self._cause:
            self._now(replace(self._seen, phase=PodPhase.PENDING, reason=self._cause))
        else:
            await self._look()

    async def _look(self) -> None:
        self._now(await self._step(PodActivities.look, self._at(), summary=f"read pod {self._at().name}"))

    async def _lost(self, deadline: float) -> str:
        """Waits for the node, or reschedules; returns why it ends, or empty."""
        node = self._seen.node
        exists = await self._step(PodActivities.node_exists, self._at(), node, summary=f"check node {node}")
        left = self._input.attempts - (self._attempt - self._restarts - self._input.attempt) - 1
        what = pod.after_loss(self._input.idempotent, exists, left)
        if what is Lost.FAIL:
            return f"{self._seen.reason}, after {self._input.attempts} attempts"
        if what is Lost.RELOCATE:
            self._past.add(self._uid)
            await self._remove(is_lost=True)
            return await self._next(f"rescheduled, since {self._seen.reason}")
        if not await self._hears(min(LOST_S, deadline - workflow.time())):
            await self._look()
        return ""

    async def _replaced(self) -> str:
        """Ends the pod with its logs kept, and places the next one; returns why that was rejected, or empty."""
        why, self._again = self._again, ""
        _, removed = await self._stopped(self._seen.phase not in ENDED)
        self._past.add(self._uid)
        self._earlier += (removed.logs,) if removed.logs else ()
        self._kept, self._restarts = None, self._restarts + 1
        return await self._next(why)

    async def _next(self, why: str) -> str:
        self._attempt += 1
        self._cause = self._uid = ""
        self._now(PodStatus(PodPhase.REQUESTED, why))
        return await self._place()

    async def _finish(self, why: str) -> PodResult:
        """Deletes the pod if needed, stores its logs, then removes the object."""
        last, removed = await self._stopped(bool(why))
        if last.phase is PodPhase.GONE:
            removed = replace(removed, gap=removed.gap or "it was deleted by another client")
        failed = replace(last, phase=PodPhase.FAILED, reason=why) if why else last
        return self._result(failed, removed)

    async def _stopped(self, ends: bool) -> tuple[PodStatus, Removed]:
        """How it was last seen, and what was kept of it. `ends`: it still has to be deleted."""
        is_lost = self._seen.phase is PodPhase.UNKNOWN
        if ends and not is_lost:
            await self._step(PodActivities.end, self._at(), summary=f"delete pod {self._at().name}")
            until = workflow.time() + END_S
            while self._seen.phase not in ENDED and workflow.time() < until:
                if not await self._hears(LOOK_ENDING_S):
                    await self._look()
            is_lost = self._seen.phase not in ENDED  # nobody stops it: no logs
        last = self._seen
        removed = self._kept or await self._remove(is_lost)
        return last, self._kept or removed  # the watch may have been faster

    async def _remove(self, is_lost: bool) -> Removed:
        try:
            return await workflow.execute_activity_method(
                PodActivities.remove,
                args=[self._at(), is_lost],
                **options.image_pull(f"store the logs of {self._at().name} and remove it"),
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            return Removed(gap=str(cause_of(failed))[:500])

    def _result(self, seen: PodStatus, removed: Removed) -> PodResult:
        if seen.phase is PodPhase.GONE:
            seen = replace(seen, phase=PodPhase.FAILED, reason=seen.reason or "it was deleted by another client")
        self._now(PodStatus(PodPhase.GONE, seen.reason))
        return PodResult(
            seen.phase,
            seen.reason,
            exit_code=seen.exit_code,
            logs=removed.logs,
            gap=removed.gap,
            node=seen.node,
            attempts=self._attempt - self._input.attempt + 1,
            transitions=tuple(self._transitions),
            earlier=self._earlier,
        )

    @workflow.update(description="Replaces the pod by its next placement; its logs are kept")
    def restart(self, reason: str) -> str:
        """Why, as a sentence; returns at once."""
        self._again = f"restarted: {reason[:200]}" if reason else "restarted"
        self._heard += 1
        return f"{workflow.info().workflow_id} is replaced"

    @restart.validator
    def check_restart(self, reason: str) -> None:
        """Raises:
        ApplicationError: there is nothing to replace, or it is being replaced.
        """
        phase = self._seen.phase
        if self._again or self._ended or phase in (*ENDED, PodPhase.REQUESTED):
            raise ApplicationError(f"it is {phase}, and cannot be restarted now", non_retryable=True)
        if phase is PodPhase.UNKNOWN and not self._input.idempotent:
            raise ApplicationError("its node is lost, so it may still run: it waits for the node", non_retryable=True)

    @workflow.signal(description="Changes that the namespace's watch saw, in order")
    def sightings(self, sightings: list[PodStatus]) -> None:
        """Sent by the watch of the namespace; sightings of earlier placements are ignored."""
        for one in sightings:
            self.seen(one)

    @workflow.signal(description="One change, as watches sent it until 2026-11")
    def seen(self, seen: PodStatus) -> None:
        """One sighting; repetitions, and anything after the end, change nothing."""
        if seen.uid in self._past:
            return
        if seen.removed:
            self._kept = Removed(seen.logs, seen.gap)
        if self._seen.phase not in ENDED and seen != self._seen:
            self._heard += 1
            self._now(seen)

    @workflow.query(description="How the pod ended; empty while it runs")
    def result(self) -> PodResult | None:
        """The workflow's result, also when it failed."""
        return self._ended

    @workflow.query(description="Its current status")
    def view(self) -> PodResult:
        """The last observed phase, and all transitions."""
        now = self._seen
        return PodResult(
            now.phase,
            now.reason,
            exit_code=now.exit_code,
            node=now.node,
            attempts=self._attempt - self._input.attempt + 1,
            transitions=tuple(self._transitions),
            earlier=self._earlier,
        )

    @workflow.query(description="What was asked for: to start it again")
    def asked(self) -> PodInput:
        """The workflow's input."""
        return self._input

    def _now(self, seen: PodStatus) -> None:
        last = self._transitions[-1] if self._transitions else None
        self._seen = seen
        if last is None or (last.phase, last.reason) != (seen.phase, seen.reason):
            self._transitions.append(Transition(seen.at or workflow.time(), seen.phase, seen.reason[:300]))
            del self._transitions[:-50]
        workflow.set_current_details(details(self._input, seen, self._transitions))


@workflow.defn(name="PodWatch")
class PodWatchWorkflow:
    """`pods/CLUSTER/NAMESPACE`: one watch for all pods of a namespace, while it has any."""

    @workflow.run
    async def run(self, what: NamespaceWatch) -> int:
        """The number of changes reported to pods; ends when the namespace had no pods for a while."""
        workflow.set_current_details(f"watches the pods of {what.namespace} in {what.cluster}, in one stream")
        return await workflow.execute_activity_method(
            PodActivities.watch, what, **options.watch(7 * 86_400, f"watch {what.namespace}")
        )
