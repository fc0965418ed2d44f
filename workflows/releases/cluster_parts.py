"""Releases to one cluster each, as children of a release over many; and the way back of those that have ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError
from temporalio.workflow import ParentClosePolicy

from activities.releases.port import NumberingActivities, ReserveRelease
from activities.releases.waves.port import TakeBack, WaveActivities
from domain.core import ids
from domain.releases.actions import ReleaseResult
from domain.releases.deployment import Deployment
from domain.releases.waves import parts
from domain.releases.waves.progress import ClusterState, Progress, Standing
from domain.releases.waves.spec import Unreachable
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import cause_of, outcome_of
from workflows.releases.messages import WavesInput
from workflows.releases.parts import Parts
from workflows.releases.release import ReleaseWorkflow
from workflows.releases.story import Story

TAKE_BACK_S = 3600.0
LOOK_AGAIN = timedelta(seconds=30)
"""Between two looks at a cluster that does not answer."""


class ClusterParts(Parts):
    """The clusters of one release: each is begun at most once, and taken back at most once."""

    def __init__(self, input: WavesInput, progress: Progress, story: Story) -> None:
        super().__init__(progress, story)
        self._input = input
        self.instances: dict[str, str] = dict(input.back)
        """Cluster to what is live there, where this release has changed it."""
        self.passed = ""
        """Who let the whole pass its windows, and so the parts that begin from now on; empty: nobody."""

    # -- forward ---------------------------------------------------------------------------------------------------

    def begin(self, cluster: str) -> None:
        """Its turn has come."""
        self._put(cluster, Standing.RELEASING)
        self._start(self._release(cluster))

    async def _release(self, cluster: str) -> None:
        try:
            if why := await self._unreached(cluster):
                self._put(cluster, Standing.LEFT_OUT, why)
                return
            number = await self._number(cluster)
            if self._progress.returning:
                self._put(cluster, Standing.LEFT_OUT, f"not begun: {self._progress.returning}")
                return
            result = await self._released(cluster, number)
        except (ActivityError, ChildWorkflowError, FailureError) as failed:
            self._put(cluster, Standing.BROKEN, str(cause_of(failed))[:500])
            return
        self.address = self.address or result.address
        state = parts.ended(result, self._progress.of(cluster), workflow.time())
        self._put(cluster, state.standing, state.reason, proven=state.proven)

    async def _unreached(self, cluster: str) -> str:
        """Why a cluster is left out; empty: its API answers."""
        while True:
            why = await workflow.execute_activity_method(
                WaveActivities.reach, cluster, **options.quick(f"reach {cluster}")
            )
            if not why:
                return f"not begun: {self._progress.returning}" if self._progress.returning else ""
            if self._progress.plan.unreachable is Unreachable.SKIP:
                return why
            self._put(cluster, Standing.RELEASING, f"it does not answer: {why}")
            try:
                await workflow.wait_condition(partial(self._is_no_more, self._progress.of(cluster)), timeout=LOOK_AGAIN)
            except TimeoutError:
                continue
            return f"gone on without it: {why}"

    def _is_no_more(self, state: ClusterState) -> bool:
        return all(one is not state for one in self._progress.clusters.values())

    async def _number(self, cluster: str) -> int:
        whole = self._input.release
        return await workflow.execute_activity_method(
            NumberingActivities.reserve,
            ReserveRelease(whole.deployment.environment, self._me, cluster, whole.number),
            **options.quick(f"number of the release to {cluster}"),
        )

    async def _released(self, cluster: str, number: int) -> ReleaseResult:
        whole = self._input.release
        new = whole.deployment
        id_ = ids.release_id(new.service, ids.place(new.environment, cluster), number)
        deployment = parts.part(new, cluster, f"r{number}", self._input.target)
        self.instances[cluster] = deployment.instance
        self._progress.clusters[cluster] = replace(self._progress.of(cluster), release=id_)
        child = await workflow.start_child_workflow(
            ReleaseWorkflow.run,
            replace(
                whole,
                deployment=deployment,
                number=number,
                whole=self._me,
                clusters=len(self._input.plan.clusters),
                passed=self.passed,
            ),
            id=id_,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"{new.service} {new.spec.version} to {deployment.place}",
            static_details=ids.console_link(id_),
            search_attributes=attributes.typed(
                pipeline=whole.pipeline,
                service=new.service,
                environment=new.environment,
                cluster=cluster,
                commit=whole.commit,
                digest=new.artifact,
                status="running",
            ),
        )
        self.moves += 1
        if self._progress.of(cluster).standing is Standing.RETURNING:  # between its id and its first message
            await self.tell(cluster, "abort", self._progress.returning)
        try:
            return await outcome_of(child, ReleaseResult)
        except ChildWorkflowError:
            if cluster not in self.results:
                raise
            return self.results[cluster]

    def carrier(self) -> Deployment | None:
        """The version as its release to one of the clusters was permitted to make it; None: none was begun."""
        for cluster in self._progress.plan.clusters:
            if instance := self.instances.get(cluster):
                return parts.part(self._input.release.deployment, cluster, instance, self._input.target)
        return None

    # -- back ------------------------------------------------------------------------------------------------------

    def back(self, cluster: str, why: str) -> None:
        """One that is under way is aborted, one that is live goes back to the version before."""
        state = self._progress.of(cluster)
        if state.standing is Standing.RELEASING:
            self._put(cluster, Standing.RETURNING, why)
            if state.release:
                self._start(self.tell(cluster, "abort", why))
            return
        self._put(cluster, Standing.RETURNING, why)
        self._start(self._taken_back(cluster, why))

    async def _taken_back(self, cluster: str, why: str) -> None:
        new = self._input.release.deployment
        asked = TakeBack(
            environment=new.environment,
            cluster=cluster,
            service=new.service,
            instance=self.instances.get(cluster, ""),
            key=f"{self._me}/back/{cluster}",
        )
        try:
            done = await workflow.execute_activity_method(
                WaveActivities.take_back, asked, **options.release_action(TAKE_BACK_S, f"take {cluster} back")
            )
        except ActivityError as failed:
            self._put(cluster, Standing.BROKEN, f"{why}; {str(cause_of(failed))[:500]}")
            return
        if done.instance:
            self.instances[cluster] = done.instance
        standing = Standing.KEPT if done.kept else Standing.BACK if done.ok else Standing.BROKEN
        self._put(cluster, standing, done.reason)

    # -- messages --------------------------------------------------------------------------------------------------

    def found_otherwise(self, cluster: str, instance: str) -> None:
        """It was released to by hand since, or taken back."""
        carries = f"it carries {instance}" if instance else "it carries nothing"
        self._put(cluster, Standing.BACK, f"{carries} instead of {self.instances[cluster]}")

    def go_on_without_the_unreached(self) -> None:
        """A person leaves out clusters whose turn has come, and that do not answer."""
        for cluster, state in self._progress.clusters.items():
            if state.standing is Standing.RELEASING and not state.release and state.reason:
                self._put(cluster, Standing.LEFT_OUT, state.reason)
