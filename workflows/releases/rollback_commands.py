"""Releases the version before again, by hand: of a service, in all of its clusters, or of services that came as one."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ParentClosePolicy

from domain.core import ids as keys
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.schema import refusal
from domain.releases.previous_version import previous_version
from domain.releases.together.back import Brought, staying, way_back
from workflows.core import search_attributes as attributes
from workflows.core.failures import leave_alone
from workflows.releases.import_commands import ImportCommands
from workflows.releases.messages import ReleaseInput, TogetherInput, WavesInput, Whole
from workflows.releases.release import ReleaseWorkflow

BY_HAND = "by hand"


class RollbackCommands(ImportCommands):
    """Commands of an environment's workflow."""

    @workflow.update(description="Release the previous version again")
    async def rollback(self, service: str) -> str:
        """Starts a rollback to the previous version; returns the release's id.

        `service`: also the name of several that were released as one. All of them go back by one release, which
        whoever asks again joins.

        Raises:
            ApplicationError: SLW867, there is no previous version; SLW964, its data has changed for good.
        """
        if brought := self._state.brought.get(service):
            return brought.back or await self._services_back(service, brought)
        self._check(service)
        return await self._start(self._before(service), f"rollback/{service}/{workflow.uuid4()}")

    def _check(self, service: str) -> None:
        versions = self._state.live.get(service, [])
        if len(versions) < 2:
            raise ApplicationError(f"{service} has no previous version", type="SLW867", non_retryable=True)
        if why := refusal(self._before(service).spec, versions[-1].spec, self._state.barriers.get(service, 0)):
            raise ApplicationError(f"{service} does not go back: {why}", type="SLW964", non_retryable=True)

    def _before(self, service: str) -> Deployment:
        """The version to roll back to: the one on standby, else the latest one that differs from the live one."""
        versions, warm = self._state.live[service], self._state.warm.get(service)
        if warm:
            return warm.deployment
        chosen = previous_version([(one.instance, one.spec.version) for one in versions])
        return next(one for one in reversed(versions) if one.instance == chosen)

    async def _start(self, deployment: Deployment, key: str) -> str:
        number = self._ledger.next(key)
        if (whole := self._state.wholes.get(deployment.service)) and not deployment.cluster:
            return await self._all_back(deployment, number, whole)
        begun = self._begun(deployment, number)
        return await self._start_by_hand(
            begun, f"{deployment.service} back to {deployment.spec.version} in {deployment.place}"
        )

    def _begun(self, deployment: Deployment, number: int) -> ReleaseInput:
        """A release of a version from before. One on standby is on standby no more: the release takes it over."""
        warm = self._state.warm.get(deployment.service)
        if warm and warm.deployment == deployment:
            del self._state.warm[deployment.service]
            again = deployment
        elif deployment.spec.kubernetes and deployment.spec.kubernetes.adopted:  # it stays what it is
            again = deployment
        else:
            again = replace(deployment, instance=f"r{number}")
        return ReleaseInput(
            run=BY_HAND,
            number=number,
            deployment=again,
            target=again.spec.target,
            origin=deployment.instance,
            fast=again.spec.strategy != "recreate",
        )

    async def _start_by_hand(self, begun: ReleaseInput, summary: str) -> str:
        """A release by hand, which outlives this workflow's run."""
        deployment = begun.deployment
        id_ = keys.release_id(deployment.service, deployment.place, begun.number)
        started = await workflow.start_child_workflow(
            ReleaseWorkflow.run,
            begun,
            id=id_,
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=summary,
            static_details=keys.console_link(id_),
            search_attributes=attributes.typed(
                service=deployment.service, environment=deployment.environment, status="running"
            ),
        )
        leave_alone(started)
        return id_

    async def _all_back(self, deployment: Deployment, number: int, whole: Whole) -> str:
        """Every cluster that carries the live version goes back to the version before, last wave first."""
        new = replace(deployment, instance=f"r{number}")
        asked = WavesInput(
            release=ReleaseInput(run=BY_HAND, number=number, deployment=new, target=new.spec.target, fast=True),
            plan=whole.plan,
            target=whole.target,
            back=whole.parts,
        )
        return await self._start_whole("Waves", asked, f"to {new.spec.version} in the clusters of {new.environment}")

    async def _services_back(self, name: str, brought: Brought) -> str:
        """All that it brought and that is live still goes back, callers first; they are a release of several again.

        Nothing is begun when one of them may not go back.
        """
        live = {service: versions[-1].instance for service, versions in self._state.live.items() if versions}
        stays = staying(brought, live, {one for one, versions in self._state.live.items() if len(versions) > 1})
        needs = way_back(brought.needs, stays)
        if not needs:
            told = ", ".join(f"{service}: {why}" for service, why in stays.items())
            raise ApplicationError(f"{name} has no previous version: {told}", type="SLW867", non_retryable=True)
        for service in needs:
            self._check(service)
        key = f"rollback/{name}/{workflow.uuid4()}"
        number = self._ledger.next(key)
        parts = tuple(self._begun(self._before(one), self._ledger.next(f"{key}/{one}")) for one in needs)
        new = replace(parts[0].deployment, service=name, instance=f"r{number}", artifact="")
        whole = ReleaseInput(run=BY_HAND, number=number, deployment=new, target=new.spec.target, fast=True)
        self._state.brought[name] = replace(brought, back=keys.release_id(name, new.environment, number))
        asked = TogetherInput(release=whole, parts=parts, needs=needs, stays=stays)
        return await self._start_whole("Together", asked, f"in {new.environment}: {', '.join(needs)}")

    async def _start_whole(self, kind: str, asked: WavesInput | TogetherInput, summary: str) -> str:
        new, number = asked.release.deployment, asked.release.number
        id_ = keys.release_id(new.service, new.environment, number)
        started = await workflow.start_child_workflow(
            kind,
            asked,
            id=id_,
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=f"{new.service} back {summary}",
            static_details=keys.console_link(id_),
            search_attributes=attributes.typed(service=new.service, environment=new.environment, status="running"),
        )
        leave_alone(started)
        return id_

    def _is_not_back(self, release: str) -> None:
        """One that was to take services back has not: whoever asks again begins again."""
        for name, brought in self._state.brought.items():
            if brought.back == release:
                self._state.brought[name] = replace(brought, back="")
