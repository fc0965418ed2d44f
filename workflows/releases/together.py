"""Releases several services as one: dark first, then weights in the order of their calls, back in reverse.

domain/releases/together decides which service may go on; this workflow tells its release, keeps the environment's
lock for all of them, and takes the commands of people for the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow

from domain.core import ids
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.together.back import Brought
from domain.releases.together.lockstep import Gate, Lockstep, Turn
from domain.releases.together.order import levels
from domain.releases.waves import parts, progress
from domain.releases.waves.plan import Wave, WavePlan
from domain.releases.waves.progress import Progress
from workflows.releases import git_outcome
from workflows.releases.messages import Asked, AskLock, GiveLock, TogetherInput
from workflows.releases.pooling import Pooling
from workflows.releases.service_parts import ServiceParts
from workflows.releases.whole import WholeRelease
from workflows.releases.whole_approvals import WholeApprovals
from workflows.releases.windows import Windows


@workflow.defn(name="Together")
class TogetherWorkflow(WholeRelease):
    """`release/NAME/ENVIRONMENT/N` of several services; its parts are `release/SERVICE/ENVIRONMENT/N`."""

    _parts: ServiceParts
    _services = True

    @workflow.init
    def __init__(self, input: TogetherInput) -> None:
        plan = WavePlan(waves=tuple(Wave(clusters=level) for level in levels(input.needs)))
        super().__init__(Progress(plan=plan), input.release)
        self._input, self._new = input, input.release.deployment
        self._lockstep = Lockstep(needs={name: input.needs[name] for name in plan.clusters})
        self._parts = ServiceParts(self._progress, self._story, self._lockstep)
        self._pooling = Pooling(self._new.spec, self._progress, self._parts, self._told_together, proves=False)
        self._approvals = WholeApprovals(input.release, self._parts, self._story, self._told_together)
        self._windows = Windows(input.release, self._given, self._story)

    @workflow.run
    async def run(self, input: TogetherInput) -> ReleaseResult:
        """The result, after the lock is released and the record is written. A cancel takes all services back first."""
        try:
            await self._begin()
            await self._advance()
        except asyncio.CancelledError:
            self._given.abort = self._given.abort or "the run was cancelled"
            await self._advance()
        self._windows.end()
        self._approvals.end()
        result = self._result()
        environment = workflow.get_external_workflow_handle(ids.environment_id(self._new.environment))
        went_back = result.verdict is not ReleaseVerdict.LIVE
        brought = None if went_back or input.release.fast else self._brought()
        given = GiveLock(self._me, self._new.service, went_back=went_back, brought=brought)
        await environment.signal("give", given)
        return await self._end(await git_outcome.written_together(input, result, self._story))

    async def _begin(self) -> None:
        """All of them start, once the environment is theirs; an abort before that leaves it at nothing."""
        await self._record_start()
        await self._windows.before_lock()
        await self._lock(AskLock(self._me, self._new.service, self._progress.plan.clusters))
        for service, why in self._input.stays.items():
            self._story.tell(f"{service} stays as it is", why)
        if self._granted is not None and not self._given.abort:
            for part in self._input.parts:
                self._parts.begin(part, self._granted.each[part.deployment.service])

    # -- what is due -----------------------------------------------------------------------------------------------

    async def _advance(self) -> None:
        """Lets those go on whose turn it is, until all are over."""
        while self._progress.clusters and self._lockstep.open:
            seen = self._parts.moves, self._given.count
            if not self._input.release.fast:
                await self._pooling.follow(lambda: bool(self._given.abort))
            self._heed()
            turn = self._lockstep.turn(workflow.time())
            held = await self._held(turn)
            if turn.let and not held and seen == (self._parts.moves, self._given.count):
                self._parts.let(turn.let)
            elif seen == (self._parts.moves, self._given.count):
                await self._wait(turn, seen)
        if self._given.abort:
            self._parts.go_back(self._given.abort)
        await self._pooling.end()

    async def _held(self, turn: Turn) -> bool:
        """Whether people or windows hold the next step; going back is never held, nor is the end of what is over."""
        now = self._progress
        gates = {self._lockstep.seats[name].asks for name in turn.let}
        if Gate.WEIGHT not in gates:
            return now.paused and Gate.END in gates
        now.closed, now.opens_at = await self._windows.now()
        if now.closed and self._new.spec.rollout.close_back and any(self._parts.percent.values()):
            self._parts.go_back(now.closed)
        return bool(now.closed) or now.paused

    async def _wait(self, turn: Turn, seen: tuple[int, int]) -> None:
        now, until = self._progress, turn.until
        if now.closed and turn.let:
            until = now.opens_at
        what = f"window: {now.closed}" if now.closed else "people: it is paused" if now.paused else ""
        what = what or self._approvals.waiting_for
        if what != self._story.waiting:
            self._story.wait_for(what) if what else self._story.wait_no_more()
        timeout = None if until is None else timedelta(seconds=max(until - workflow.time(), 0.01))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: seen != (self._parts.moves, self._given.count), timeout=timeout)

    def _heed(self) -> None:
        """Does what people have told since."""
        given, now = self._given, self._progress
        self._windows.heed()
        if self._windows.passed:
            now.closed = ""
        if given.abort:
            self._parts.go_back(given.abort)
        if given.paused is not now.paused and not now.returning:
            now.paused = given.paused
            self._parts.tell_all("pause" if given.paused else "resume", f"of {self._me}")
        if given.promoted:
            given.promoted = False
            self._parts.tell_all("promote", f"of {self._me}")

    def _told_together(self, worse: str) -> None:
        """By all services, of which none may have found it alone. Empty: they are not worse."""
        if worse:
            self._approvals.end()
            self._parts.go_back(worse)
        self._disturb()

    # -- records and messages --------------------------------------------------------------------------------------

    def _result(self) -> ReleaseResult:
        spec = self._new.spec
        verdict = parts.verdict(self._progress, bool(self._given.abort))
        live = verdict is ReleaseVerdict.LIVE
        return ReleaseResult(
            verdict=verdict,
            version=spec.version,
            live=spec.version if live else "",
            reason=self._is_live() if live else self._why(),
            address=self._parts.address,
            steps=tuple(event.what for event in self._story.events),
            seconds=round(workflow.time() - self._began, 3),
            strategy=self._strategy,
            story=tuple(self._story.events),
            proven=parts.proven(self._progress),
            clusters=parts.in_their_waves(self._progress),
            pooled=self._pooling.shown,
            services=True,
        )

    def _brought(self) -> Brought:
        """For whoever takes it back later."""
        instances = {part.deployment.service: part.deployment.instance for part in self._input.parts}
        return Brought(needs=self._input.needs, instances=instances)

    def _is_live(self) -> str:
        if not self._input.release.fast:
            return f"version {self._new.spec.version} of {', '.join(self._progress.plan.clusters)} is live"
        each = [f"{part.deployment.service} {part.deployment.spec.version}" for part in self._input.parts]
        stay = [f"{service} stays: {why}" for service, why in self._input.stays.items()]
        return "; ".join([f"live again: {', '.join(each)}", *stay])

    @property
    def _settled(self) -> bool:
        return self._lockstep.ending

    def _why(self) -> str:
        return f"{self._progress.returning}; {progress.counts(self._progress.clusters) or 'nothing was begun'}"

    @workflow.signal(description="One of the services stops before a step")
    def asked(self, asked: Asked) -> None:
        """Sent by its release; the answer is the signal `let`."""
        if asked.service in self._lockstep.seats:
            self._lockstep.ask(asked.service, asked.gate, asked.percent)
            if asked.gate is Gate.BACK:
                self._parts.go_back(f"{asked.service}: {asked.why}")
            self._disturb()
