"""`environment/NAME`: numbers an environment's releases, runs one at a time, knows what is live."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

from activities.core.port import WorkflowStatusActivities
from activities.notifications import port as notifications
from activities.releases.port import HOOK_S, ActionInput, ActionResult, ReleaseActivities
from domain.core import ids as keys
from domain.core.sequences import IdempotentCounter
from domain.queues.queue import ConcurrencyPolicy, Notice, Queue, Slot
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.schema import schema_of
from workflows.core import activity_options as options
from workflows.core.failures import cause_of
from workflows.releases.details import environment_details
from workflows.releases.messages import (
    AskLock,
    EnvironmentState,
    GiveLock,
    Granted,
    ReserveInput,
    Unended,
)
from workflows.releases.rollback_commands import RollbackCommands

KEEP_LIVE = 10
UNENDED_IS_TOLD = "unended-is-told"
CHECK_HOLDER = timedelta(seconds=30)


@workflow.defn(name="Environment")
class EnvironmentWorkflow(RollbackCommands):
    """One environment: its lock, its release numbers, and its live versions."""

    @workflow.init
    def __init__(self, state: EnvironmentState) -> None:
        self._state = state
        self._ledger = IdempotentCounter(state.last, state.numbers)
        self._lock = _lock(state)
        self._grants = list(state.grants)
        self._asked = False
        self._cooling: list[Unended] = []
        self._untold: list[Unended] = []

    @workflow.run
    async def run(self, state: EnvironmentState) -> None:
        """Grants the lock to the next release, reclaims it from ended ones, and stops expired standby versions."""
        self._show()
        while not workflow.info().is_continue_as_new_suggested():
            try:
                await workflow.wait_condition(
                    lambda: self._asked or bool(self._grants) or workflow.info().is_continue_as_new_suggested(),
                    timeout=self._next_look(),
                )
            except TimeoutError:
                if self._lock.waiting:
                    await self._free_if_holder_is_gone()
            await self._cool()
            self._asked = False  # a new waiter: the next wait needs a time limit
            while self._grants:
                await self._grant(self._grants.pop(0))
            self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self.state())

    def _next_look(self) -> timedelta | None:
        """Seconds until something is due without a message."""
        waits = [CHECK_HOLDER.total_seconds()] if self._lock.waiting else []
        waits += [max(warm.until - workflow.time(), 0.01) for warm in self._state.warm.values()]
        waits += [0.01] if self._cooling else []
        return timedelta(seconds=min(waits)) if waits else None

    async def _cool(self) -> None:
        """Stops standby versions whose rollback window is over, and those that a later release replaced."""
        for service, warm in list(self._state.warm.items()):
            if warm.until <= workflow.time():
                self._cooling.append(self._replaced(self._state.warm.pop(service).deployment))
        while self._cooling:
            await self._end(self._cooling.pop(0))
        while self._untold:
            await self._tell(self._untold.pop(0))

    async def _end(self, one: Unended) -> None:
        """What cannot be ended is remembered, and told."""
        deployment, action = one.deployment, _last_action(one)
        words = f"stop {deployment.service} {deployment.spec.version}, its rollback window is over"
        limit_s = deployment.spec.drain_s + 60 + (HOOK_S if action.do is ActionKind.RETIRE else 0)
        try:
            ended = await workflow.execute_activity_method(
                ReleaseActivities.act, action, **options.release_action(limit_s, words)
            )
        except ActivityError as failed:
            ended = ActionResult(False, str(cause_of(failed))[:500])
        if ended.contracted and action.other:
            self._bar(deployment.service, schema_of(action.other.spec).needs)
        if not ended.ok:
            self._remember(replace(one, why=ended.reason))

    def _remember(self, one: Unended) -> None:
        workflow.logger.warning("%s", one.words())
        known = self._state.unended.setdefault(one.deployment.service, [])
        known.append(one)
        del known[:-KEEP_LIVE]
        self._untold.append(one)

    async def _tell(self, one: Unended) -> None:
        if workflow.patched(UNENDED_IS_TOLD):
            subject = keys.environment_id(self._state.name)
            notice = notifications.Notice("version-unended", subject, one.words())
            await workflow.execute_activity_method(
                notifications.NotifyActivities.notify, notice, **options.quick(notice.kind)
            )

    def _bar(self, service: str, schema: int) -> None:
        """No version that needs an earlier schema goes out any more."""
        self._state.barriers[service] = max(schema, self._state.barriers.get(service, 0))

    def _replaced(self, deployment: Deployment) -> Unended:
        """With the version whose job runs before its end: nothing is taken away that the one on standby needs."""
        warm, live = self._state.warm.get(deployment.service), self._state.live.get(deployment.service)
        return Unended(deployment, warm.deployment if warm else live[-1] if live else None)

    def _again(self, one: Unended) -> Unended:
        """The job of a version that is neither live nor on standby does not run any more."""
        return one if one.live in (self._replaced(one.deployment).live, self._live(one)) else replace(one, live=None)

    def _live(self, one: Unended) -> Deployment | None:
        return next(iter(self._state.live.get(one.deployment.service, [])[-1:]), None)

    async def _grant(self, release: str) -> None:
        each = {service: self._known(service) for service in self._state.together.get(release, ())}
        known = replace(self._known(self._state.services.get(release, "")), each=each)
        try:
            await workflow.get_external_workflow_handle(release).signal("granted", known)
        except FailureError as gone:  # it ended while waiting
            workflow.logger.warning("cannot notify release %s that it has the lock: %s", release, gone)
            self._is_not_back(release)
            self._free(release)

    def _known(self, service: str) -> Granted:
        live = self._state.live.get(service)
        return Granted(live[-1] if live else None, self._state.barriers.get(service, 0))

    async def _free_if_holder_is_gone(self) -> None:
        holder = self._holder
        if holder and not await workflow.execute_activity_method(
            WorkflowStatusActivities.is_open, holder, **options.quick(f"check {holder}")
        ):
            self._is_not_back(holder)
            self._free(holder)

    def _free(self, release: str) -> None:
        self._state.services.pop(release, None)
        self._state.together.pop(release, None)
        self._next(self._lock.give(release, workflow.time()))

    def _next(self, notices: list[Notice]) -> None:
        self._grants += [notice.who for notice in notices]

    @property
    def _holder(self) -> str:
        return self._lock.holders[0].who if self._lock.holders else ""

    @workflow.update(description="The next release number; the same key gets the same number")
    def reserve(self, input: ReserveInput) -> int:
        """Reserves a number, from 1, shared by all services of the environment."""
        return self._ledger.next(input.key, input.taken)

    @workflow.signal(description="A release requests the lock")
    def ask(self, ask: AskLock) -> None:
        """Answers by the signal `granted` to the release. Idempotent."""
        self._state.services[ask.release] = ask.service
        if ask.services:
            self._state.together[ask.release] = ask.services
        self._asked = True
        if self._holder != ask.release:
            self._next(
                self._lock.ask(ask.release, ConcurrencyPolicy(keys.environment_id(self._state.name)), workflow.time())
            )

    @workflow.signal(description="A release gives the lock back and says what is live")
    def give(self, give: GiveLock) -> None:
        """Releases the lock. The live version changes only when the holder releases it without a rollback."""
        known = self._state.live.setdefault(give.service, [])
        if self._holder == give.release and give.barrier:
            self._bar(give.service, give.barrier)
        # after a rollback, the last live version stays the one to roll back to
        if self._holder == give.release and give.live is not None and not give.went_back:
            known.append(give.live)
            del known[:-KEEP_LIVE]
            self._keep_warm(give)
            if give.unended is not None:
                self._remember(give.unended)
        if self._holder == give.release and give.whole is not None and give.live is not None:
            self._state.wholes[give.service] = give.whole
        self._remember_services(give)
        if not give.keeps:
            self._free(give.release)

    def _remember_services(self, give: GiveLock) -> None:
        """What came as one goes back as one. A service of that name by itself is something else."""
        if self._holder == give.release and give.brought is not None:
            self._state.brought[give.service] = give.brought
        elif give.live is not None:
            self._state.brought.pop(give.service, None)
        if give.went_back:
            self._is_not_back(give.release)

    def _keep_warm(self, give: GiveLock) -> None:
        assert give.live is not None
        earlier = self._state.warm.pop(give.service, None)
        if give.warm:
            self._state.warm[give.service] = give.warm
        kept = {give.live.instance, give.warm.deployment.instance if give.warm else ""}
        if earlier and earlier.deployment.instance not in kept:
            self._cooling.append(self._replaced(earlier.deployment))
        late = [one for one in self._state.unended.pop(give.service, []) if one.deployment.instance not in kept]
        self._cooling += map(self._again, late)
        self._asked = True

    @workflow.query(description="Lock, queue, and what is live")
    def state(self) -> EnvironmentState:
        """The state that continue-as-new carries over."""
        self._state.last, self._state.numbers = self._ledger.last, self._ledger.numbers
        self._state.places, self._state.holder = self._lock, self._holder
        self._state.queue = [place.who for place in self._lock.waiting]
        self._state.grants = self._grants
        return self._state

    def _show(self) -> None:
        workflow.set_current_details(environment_details(self._state, self._lock, workflow.time()))


def _last_action(one: Unended) -> ActionInput:
    """What ends a version: where its target has jobs for that, those of the version that replaced it run first."""
    deployment = one.deployment
    if deployment.spec.kubernetes is None or one.live is None:
        return ActionInput(do=ActionKind.STOP, deployment=deployment, target=deployment.spec.target)
    return ActionInput(do=ActionKind.RETIRE, deployment=deployment, other=one.live, target=deployment.spec.target)


def _lock(state: EnvironmentState) -> Queue:
    """The lock from a state of before `places`: names of the holder and the waiters."""
    if state.places.empty and state.holder:
        return Queue(holders=[Slot(state.holder)], waiting=[Slot(release) for release in state.queue])
    return state.places
