"""Releases one version to many clusters, wave by wave; each cluster by a release of its own, judged for itself.

domain/releases/waves decides which cluster may begin and which must go back; this workflow does it, keeps the
environment's lock meanwhile, and takes the commands of people for the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow

from activities.releases.waves.port import Carried, WaveActivities
from domain.core import ids
from domain.core.values import duration_text
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.waves import parts
from domain.releases.waves.progress import ClusterState, Due, Progress, Standing
from workflows.core import activity_options as options
from workflows.releases import git_outcome
from workflows.releases.cluster_parts import ClusterParts
from workflows.releases.messages import (
    AskLock,
    GiveLock,
    WavesInput,
    Whole,
)
from workflows.releases.pooling import Pooling
from workflows.releases.whole import WholeRelease
from workflows.releases.whole_approvals import WholeApprovals
from workflows.releases.windows import Windows

BY_HAND = "rolled back manually"


@workflow.defn(name="Waves")
class WavesWorkflow(WholeRelease):
    """`release/SERVICE/ENVIRONMENT/N` of an environment with several clusters; its parts are
    `release/SERVICE/ENVIRONMENT@CLUSTER/N`.
    """

    _parts: ClusterParts

    @workflow.init
    def __init__(self, input: WavesInput) -> None:
        live = {name: ClusterState(standing=Standing.LIVE, since=workflow.time()) for name in input.back}
        back = BY_HAND if input.back else ""
        super().__init__(Progress(plan=input.plan, clusters=live, returning=back), input.release)
        self._input, self._new = input, input.release.deployment
        self._parts = ClusterParts(input, self._progress, self._story)
        self._pooling = Pooling(self._new.spec, self._progress, self._parts, self._told_together)
        self._windows = Windows(input.release, self._given, self._story)
        self._approvals = WholeApprovals(input.release, self._parts, self._story, self._told_together)
        self._checked = 0
        """Waves before this one carry this version, as was read after their end."""

    @workflow.run
    async def run(self, input: WavesInput) -> ReleaseResult:
        """The result, after the lock is released and the record is written. A cancel takes all clusters back first."""
        new = self._new
        environment = workflow.get_external_workflow_handle(ids.environment_id(new.environment))
        try:
            await self._record_start()
            await self._windows.before_lock()
            await self._lock(AskLock(self._me, new.service))
            await self._advance()
        except asyncio.CancelledError:
            self._given.abort = self._given.abort or "the run was cancelled"
            await self._advance()
        self._windows.end()
        self._approvals.end()
        result = self._result()
        went_back = result.verdict is not ReleaseVerdict.LIVE and not input.back
        whole = Whole(plan=input.plan, parts=self._parts.instances, target=input.target)
        live = None if went_back or result.verdict is ReleaseVerdict.FAILED else new
        await environment.signal("give", GiveLock(self._me, new.service, live, went_back, whole=whole))
        result = await git_outcome.written(input.release, result, self._story, self._parts.carrier())
        return await self._end(result)

    # -- what is due -----------------------------------------------------------------------------------------------

    async def _advance(self) -> None:
        """Does what is due, until all is over."""
        while True:
            seen = self._parts.moves, self._given.count
            await self._pooling.follow(lambda: bool(self._given.abort))
            self._heed()
            due = self._progress.due(workflow.time())
            if due.over and (self._progress.returning or await self._carried(len(self._input.plan.waves))):
                await self._pooling.end()
                return
            if due.overdue:
                self._go_back(f"nobody decided within {duration_text(self._input.plan.hold_s)}: {due.waiting_for}")
            elif due.begin and await self._may_begin():
                for cluster in due.begin:
                    self._parts.begin(cluster)
            elif due.begin:
                due = self._progress.due(workflow.time())
            for cluster in due.back:
                self._parts.back(cluster, self._progress.returning)
            if seen == (self._parts.moves, self._given.count) and not due.overdue:
                await self._wait(due, seen)

    async def _may_begin(self) -> bool:
        """Whether no window holds the next cluster, and those of the waves before still carry this version."""
        self._progress.closed, self._progress.opens_at = await self._windows.now()
        if self._progress.closed:
            return False
        if not self._locked:
            await self._lock(AskLock(self._me, self._new.service))
            self._checked = 0  # others may have released meanwhile
        return not self._given.abort and await self._carried(self._progress.wave)

    async def _unlock(self) -> None:
        """Others may release while this one waits for its window, unless a cluster is under way."""
        if self._locked and self._progress.closed and not (self._progress.busy or self._progress.returning):
            self._locked = False
            environment = workflow.get_external_workflow_handle(ids.environment_id(self._new.environment))
            await environment.signal("give", GiveLock(self._me, self._new.service))

    async def _wait(self, due: Due, seen: tuple[int, int]) -> None:
        await self._unlock()
        waits = due.waiting_for or self._approvals.waiting_for
        if waits != self._story.waiting:
            self._story.wait_for(waits) if waits else self._story.wait_no_more()
        timeout = None if due.until is None else timedelta(seconds=max(due.until - workflow.time(), 0))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: seen != (self._parts.moves, self._given.count), timeout=timeout)

    async def _carried(self, wave: int) -> bool:
        """Whether every cluster of the waves before `wave` still carries this version: what was true is read again."""
        if wave <= self._checked:
            return True
        names = [one for earlier in self._input.plan.waves[:wave] for one in earlier.clusters]
        live = tuple(one for one in names if self._progress.of(one).standing is Standing.LIVE)
        found = await workflow.execute_activity_method(
            WaveActivities.carried,
            Carried(self._new.environment, self._new.service, live),
            **options.quick(f"what the clusters before wave {wave + 1} carry"),
        )
        wrong = [one for one in live if found.get(one, "") != self._parts.instances[one]]
        for one in wrong:
            self._parts.found_otherwise(one, found.get(one, ""))
        self._checked = self._checked if wrong else wave
        return not wrong

    def _heed(self) -> None:
        """Does what people have told since."""
        given, now = self._given, self._progress
        self._windows.heed()
        if self._windows.passed:
            now.closed, self._parts.passed = "", self._windows.passed
        if given.abort and not now.returning:
            self._go_back(given.abort)
        if given.paused is not now.paused:
            now.paused = given.paused
            self._parts.tell_all("pause" if given.paused else "resume", f"of {self._me}")
        if given.promoted:
            busy = any(one.standing is Standing.RELEASING for one in now.clusters.values())
            given.promoted, now.hurried = False, now.wave if busy else now.wave - 1
            parts.go_on(now)
            self._parts.go_on_without_the_unreached()
            self._parts.tell_all("promote", f"of {self._me}")

    def _told_together(self, worse: str) -> None:
        """By all clusters, of which none may have found it alone. Empty: they are not worse, but there is news."""
        if worse and not self._progress.returning:
            self._go_back(worse)
        self._disturb()

    def _go_back(self, why: str) -> None:
        self._progress.returning, self._given.paused, self._progress.paused = why, False, False
        self._approvals.end()
        self._story.tell("all clusters go back", why)

    # -- records and messages --------------------------------------------------------------------------------------

    def _result(self) -> ReleaseResult:
        spec, back = self._new.spec, bool(self._input.back)
        verdict = parts.verdict(self._progress, bool(self._given.abort))
        if back and verdict is ReleaseVerdict.ROLLED_BACK:
            verdict = ReleaseVerdict.LIVE
        before = self._granted.previous.spec.version if self._granted and self._granted.previous else ""
        return ReleaseResult(
            verdict=verdict,
            version=spec.version,
            previous=before,
            live=spec.version if verdict is ReleaseVerdict.LIVE else before,
            reason=parts.summary(self._progress, spec.version),
            address=self._parts.address,
            steps=tuple(event.what for event in self._story.events),
            seconds=round(workflow.time() - self._began, 3),
            strategy=self._strategy,
            story=tuple(self._story.events),
            proven=parts.proven(self._progress),
            clusters=parts.in_their_waves(self._progress),
            pooled=self._pooling.shown,
        )
