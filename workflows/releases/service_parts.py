"""The releases of several services, as children of one; they are held in step (domain/releases/together)."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError
from temporalio.workflow import ParentClosePolicy

from domain.core import ids
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.together.lockstep import Lockstep
from domain.releases.waves import parts
from domain.releases.waves.progress import Progress, Standing
from workflows.core import search_attributes as attributes
from workflows.core.failures import cause_of, outcome_of
from workflows.releases.messages import Granted, ReleaseInput
from workflows.releases.parts import Parts
from workflows.releases.release import ReleaseWorkflow
from workflows.releases.story import Story


class ServiceParts(Parts):
    """Each service is begun once, at the same time as the others."""

    def __init__(self, progress: Progress, story: Story, lockstep: Lockstep) -> None:
        super().__init__(progress, story)
        self._lockstep = lockstep

    def begin(self, part: ReleaseInput, granted: Granted) -> None:
        """It starts beside what is live, and is held from there on."""
        service, count = part.deployment.service, len(self._progress.plan.clusters)
        self._put(service, Standing.RELEASING)
        self._start(self._release(service, replace(part, whole=self._me, granted=granted, clusters=count)))

    async def _release(self, service: str, part: ReleaseInput) -> None:
        try:
            result = await self._released(service, part)
        except (ActivityError, ChildWorkflowError, FailureError) as failed:
            self._over(service, Standing.BROKEN, str(cause_of(failed))[:500])
            return
        self.address = result.address or self.address
        state = parts.ended(result, self._progress.of(service), workflow.time())
        self._progress.clusters[service] = replace(self._progress.of(service), address=result.address)
        new = result.verdict is ReleaseVerdict.ABORTED and not result.previous
        self._over(service, Standing.LEFT_OUT if new else state.standing, state.reason, proven=state.proven)

    def _over(self, service: str, standing: Standing, reason: str, *, proven: bool = False) -> None:
        self._lockstep.ended(service)
        if standing is not Standing.LIVE:
            self.go_back(f"{service}: {reason}")
        self._put(service, standing, reason, proven=proven)

    async def _released(self, service: str, part: ReleaseInput) -> ReleaseResult:
        new = part.deployment
        id_ = ids.release_id(service, new.environment, part.number)
        self._progress.clusters[service] = replace(self._progress.of(service), release=id_)
        child = await workflow.start_child_workflow(
            ReleaseWorkflow.run,
            part,
            id=id_,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"{service} {new.spec.version} to {new.environment}",
            static_details=ids.console_link(id_),
            search_attributes=attributes.typed(
                pipeline=part.pipeline,
                service=service,
                environment=new.environment,
                commit=part.commit,
                digest=new.artifact,
                status="running",
            ),
        )
        self.moves += 1
        if self._progress.returning:  # between its id and its first message
            await self.tell(service, "abort", self._progress.returning)
        try:
            return await outcome_of(child, ReleaseResult)
        except ChildWorkflowError:
            if service not in self.results:
                raise
            return self.results[service]

    def go_back(self, why: str) -> None:
        """None goes forward any more; each goes back when its turn comes."""
        if self._progress.returning or self._lockstep.ending:
            return
        self._progress.returning = why
        self._lockstep.go_back(workflow.time())
        self._story.tell("all services go back", why)
        for service in self._lockstep.open:
            state = self._progress.of(service)
            if state.release:
                self._start(self.tell(service, "abort", why))
            if state.standing is Standing.RELEASING:
                self._put(service, Standing.RETURNING, why)

    def let(self, services: tuple[str, ...]) -> None:
        """Those whose turn it is."""
        gates = {service: self._lockstep.seats[service].asks for service in services}
        self._lockstep.let(services, workflow.time())
        for service, gate in gates.items():
            self._start(self.tell(service, "let", str(gate)))
        self.moves += 1

    def weigh(self, part: str, percent: float) -> None:
        """See the base; what calls this one, or is called by it, may have waited for that."""
        super().weigh(part, percent)
        self._lockstep.weighed(part, percent)
        self.moves += 1
