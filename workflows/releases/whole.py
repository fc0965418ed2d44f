"""What a release with parts does the same way whatever its parts are: its record, its end, and what parts tell it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.releases.port import ReleaseActivities, ReleaseRecord
from domain.core import ids
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.commands import ReleaseState
from domain.releases.waves import progress
from domain.releases.waves.progress import Progress
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import ended_badly, ended_cancelled
from workflows.releases.commands import Commands
from workflows.releases.details import waves_details
from workflows.releases.messages import (
    ApprovalWanted,
    AskLock,
    ClusterView,
    Granted,
    ReleaseEnded,
    ReleaseInput,
    ReleaseView,
    Weighed,
)
from workflows.releases.parts import Parts
from workflows.releases.pooling import Pooling
from workflows.releases.story import Story
from workflows.releases.whole_approvals import WholeApprovals
from workflows.releases.windows import OVERRIDE, Windows


class WholeRelease(Commands):
    """A workflow whose parts are releases."""

    _parts: Parts
    _approvals: WholeApprovals
    _windows: Windows
    _pooling: Pooling
    _services = False
    """Whether its parts are services, and not clusters."""

    def __init__(self, known: Progress, release: ReleaseInput) -> None:
        super().__init__()
        self._progress, self._release = known, release
        self._me, self._began = workflow.info().workflow_id, workflow.time()
        self._granted: Granted | None = None
        self._locked = False
        self._story = Story(self._show)
        self._ended: ReleaseResult | None = None

    async def _lock(self, asked: AskLock) -> None:
        """Returns with the environment's lock, or when all must go back."""
        environment = self._release.deployment.environment
        await workflow.get_external_workflow_handle(ids.environment_id(environment)).signal("ask", asked)
        self._story.wait_for(f"lock of {environment}")
        await workflow.wait_condition(lambda: self._locked or bool(self._given.abort))
        self._story.wait_no_more()

    async def _end(self, result: ReleaseResult) -> ReleaseResult:
        """The record, and the closing state in Temporal. Call it last."""
        await self._record(ReleaseRecord(self._me, result=json.dumps(asdict(result))))
        self._ended, self._story.waiting = result, ""
        self._show()
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(result.verdict)), attributes.WAITING_FOR.value_unset()]
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        if result.verdict is ReleaseVerdict.LIVE:
            return result
        if workflow.cancellation_reason() is None:
            return ended_badly("Release", str(result.verdict), result.reason, result)
        with contextlib.suppress(FailureError):  # the run may have ended already
            run = workflow.get_external_workflow_handle(self._release.run)
            await run.signal("release_ended", ReleaseEnded(self._me, result))
        return await ended_cancelled(result)

    async def _record_start(self) -> None:
        new, number, run = self._release.deployment, self._release.number, self._release.run
        about = {"version": new.spec.version, "strategy": self._strategy}
        await self._record(ReleaseRecord(self._me, new.service, new.environment, number, run, **about))

    @property
    def _strategy(self) -> str:
        return "switch" if self._release.fast else self._release.deployment.spec.strategy

    async def _record(self, record: ReleaseRecord) -> None:
        await workflow.execute_activity_method(ReleaseActivities.record, record, **options.write_record("record"))

    @workflow.signal(description="The release has the environment's lock")
    def granted(self, grant: Granted) -> None:
        """Sent by the environment, with the live version."""
        self._granted, self._locked = grant, True

    @workflow.signal(description="How a cancelled part ended")
    def release_ended(self, ended: ReleaseEnded) -> None:
        """Sent by a part that was cancelled, with its result."""
        for part, state in self._progress.clusters.items():
            if state.release == ended.release:
                self._parts.results[part] = ended.result

    @workflow.signal(description="The share of the traffic that a part has given its version")
    def weighed(self, told: Weighed) -> None:
        """Sent by a part, for people who look at the whole."""
        if told.cluster in self._progress.clusters:
            self._parts.weigh(told.cluster, told.percent)
            self._show()

    @workflow.signal(description="A part is at a step that needs an approval of the whole")
    async def approval_wanted(self, told: ApprovalWanted) -> None:
        """Sent by a part."""
        if not self._progress.returning:
            await self._approvals.wanted(told)

    @workflow.query(description="How the release ended; empty while it runs")
    def result(self) -> ReleaseResult | None:
        """The workflow's result, also when it failed."""
        return self._ended

    def _part_views(self) -> tuple[ClusterView, ...]:
        """Of each part, in the order of their turn."""
        plan, known = self._progress.plan, self._progress.of
        return tuple(
            ClusterView(
                cluster=name,
                wave=plan.wave_of(name) + 1,
                standing=str(known(name).standing),
                release=known(name).release,
                percent=self._parts.percent.get(name, 0.0),
                reason=known(name).reason,
                since=known(name).since,
                proven=known(name).proven,
            )
            for name in plan.clusters
        )

    def _tell(self, what: str, why: str = "") -> None:
        self._story.tell(what, why)

    @property
    def _settled(self) -> bool:
        """Whether it is too late to go back."""
        return False

    def _standing(self) -> ReleaseState:
        return ReleaseState(
            locked=self._granted is not None,
            held=bool(self._windows.closed),
            overriding=self._windows.asking,
            paused=self._given.paused,
            settled=self._settled,
            going_back=bool(self._progress.returning),
            ended=str(self._ended.verdict) if self._ended else "",
        )

    @workflow.query(description="Where the release stands with each of its parts, and what it waits for")
    def view(self) -> ReleaseView:
        """What the command line and the HTML page show of a running release."""
        new, ended = self._release.deployment, self._ended
        previous = self._granted.previous if self._granted else None
        return ReleaseView(
            id=self._me,
            service=new.service,
            environment=new.environment,
            version=new.spec.version,
            strategy=self._strategy,
            doing=progress.counts(self._progress.clusters) or "begins",
            waiting_for=self._story.waiting,
            previous=previous.spec.version if previous else "",
            paused=self._given.paused,
            verdict=str(ended.verdict) if ended else "",
            reason=ended.reason if ended else self._progress.returning,
            evidence=self._pooling.evidence,
            story=tuple(self._story.events),
            approvals=(*self._approvals.open, *([OVERRIDE] if self._windows.asking else [])),
            clusters=self._part_views(),
            services=self._services,
        )

    def _show(self) -> None:
        workflow.set_current_details(waves_details(self.view(), self._release.run))
