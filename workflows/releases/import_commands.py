"""Import of a running Deployment into an environment, and its undo."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import asdict, replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.releases.port import ActionInput, ReleaseActivities, Releaser, ReleaseRecord
from domain.core import ids as keys
from domain.core.sequences import IdempotentCounter
from domain.queues.queue import ConcurrencyPolicy, Queue
from domain.releases.actions import ActionKind, ReleaseResult, ReleaseVerdict
from domain.releases.deployment import Deployment
from workflows.core import activity_options as options
from workflows.core.failures import cause_of
from workflows.releases.messages import EnvironmentState, ReleaseInput


class ImportCommands(ABC):
    """Commands of an environment's workflow."""

    _state: EnvironmentState
    _ledger: IdempotentCounter
    _lock: Queue

    @property
    @abstractmethod
    def _holder(self) -> str: ...

    @abstractmethod
    def _free(self, release: str) -> None: ...

    @abstractmethod
    async def _start_by_hand(self, begun: ReleaseInput, summary: str) -> str: ...

    @workflow.update(description="What runs already becomes the live version of a service")
    async def adopt(self, deployment: Deployment) -> str:
        """Starts the import of a running Deployment; returns the release's id.

        Raises:
            ApplicationError: SLW968, the service has a version here already.
        """
        service = deployment.service
        if self._state.live.get(service):
            what = f"{service} has a live version in {self._state.name}"
            raise ApplicationError(what, type="SLW968", non_retryable=True)
        number = self._ledger.next(f"import/{workflow.uuid4()}") if service in self._state.imported else 0
        self._state.imported = sorted({*self._state.imported, service})
        new = replace(deployment, instance=f"r{number}")
        begun = ReleaseInput(run="by hand", number=number, deployment=new, target=new.spec.target)
        return await self._start_by_hand(begun, f"{service} is imported into {new.place}")

    @workflow.update(description="Leave what was imported as it was before")
    async def give_back(self, service: str) -> str:
        """Holds the environment's lock meanwhile; returns the id of the release that imported it.

        Raises:
            ApplicationError: SLW968, something else is live, or a release is under way; or why it failed.
        """
        live = next(iter(self._state.live.get(service, [])[-1:]), None)
        if live is None or live.spec.kubernetes is None or live.spec.kubernetes.adopted is None:
            what = f"what is live of {service} in {self._state.name} was not imported: roll back to it first"
            raise ApplicationError(what, type="SLW968", non_retryable=True)
        me = keys.environment_id(self._state.name)
        if self._holder or service in self._state.warm:
            what = f"a release has the lock of {self._state.name}, or a version of {service} is on standby"
            raise ApplicationError(what, type="SLW968", non_retryable=True)
        self._lock.ask(me, ConcurrencyPolicy(me), workflow.time())
        try:
            return await self._given_back(live)
        finally:
            self._free(me)

    async def _given_back(self, live: Deployment) -> str:
        action = ActionInput(
            do=ActionKind.GIVE_BACK, deployment=live, target=live.spec.target, whose=Releaser(run="by hand")
        )
        words = f"undo the import of {live.service}"
        try:
            done = await workflow.execute_activity_method(
                ReleaseActivities.act, action, **options.release_action(live.spec.drain_s + 300, words)
            )
        except ActivityError as failed:
            raise ApplicationError(str(cause_of(failed))[:500], type="SLW968", non_retryable=True) from failed
        if not done.ok:
            raise ApplicationError(done.reason, type="SLW968", non_retryable=True)
        del self._state.live[live.service]
        id_ = keys.release_id(live.service, live.place, int(live.instance.removeprefix("r")))
        undone = ReleaseResult(
            verdict=ReleaseVerdict.ABORTED,
            version=live.spec.version,
            strategy=live.spec.strategy,
            reason="its import was undone: it runs as before, and is no release's any more",
        )
        record = ReleaseRecord(id_, result=json.dumps(asdict(undone)))
        await workflow.execute_activity_method(ReleaseActivities.record, record, **options.write_record("record"))
        return id_
