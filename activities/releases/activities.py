"""The activity that executes one action of a strategy on its target."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from temporalio import activity

from activities.authority.port import Permits
from activities.core.cancellation import Heartbeat
from activities.core.errors import permanent
from activities.releases import port
from activities.releases.optional_targets import AdoptingTarget, AttackedTarget
from activities.releases.permits import claims
from activities.releases.port import (
    ActionInput,
    ActionResult,
    History,
    NotReadyError,
    ReleaseRecord,
    StagedTarget,
    Target,
    Verified,
)
from activities.releases.release_store import ReleaseStore
from activities.scans.dast import Dast, DastResult
from domain.core.errors import RefusedError
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.counted_alike import counted_alike
from domain.releases.spec import DastSpec


@dataclass
class ReleaseActivities(port.ReleaseActivities):
    """One action at a time, on the input's target; targets are idempotent."""

    targets: Mapping[str, Target]
    records: ReleaseStore
    history: History
    dast: Dast | None = None
    _: KW_ONLY
    permits: Permits

    @activity.defn(name="release-action")
    async def act(self, input: ActionInput) -> ActionResult:
        """Executes one action. A version that is not ready is a result; a failing target is retried."""
        target = self.targets.get(input.target)
        if target is None:
            raise permanent("SLW863", f"unknown target '{input.target}'; available: {', '.join(self.targets)}")
        if input.do is not ActionKind.STOP:  # what an earlier version has started can still be stopped
            _check_names(input.deployment, input.other or input.deployment)
        try:
            async with Heartbeat():
                await asyncio.to_thread(self._permitted, input)
                return await self._carry_out(target, input)
        except RefusedError as refused:
            if input.do is ActionKind.STOP:  # nothing was started under this name
                return ActionResult(True, str(refused))
            raise permanent(refused.code, str(refused)) from refused
        except NotReadyError as late:
            return ActionResult(False, late.what + (f" ({late.why})" if late.why else ""))

    def _permitted(self, input: ActionInput) -> None:
        """Raises:
        RefusedError: SLW011 to SLW016, the signer does not permit the action.
        """
        for claim in claims(input):
            self.permits.permit(claim)

    async def _carry_out(self, target: Target, input: ActionInput) -> ActionResult:
        deployment, other = input.deployment, input.other or input.deployment
        rollout = deployment.spec.rollout
        match input.do:
            case ActionKind.START:
                await target.start(deployment, input.count)
            case ActionKind.SCALE:
                return ActionResult(True, await target.scale(deployment, input.count))
            case ActionKind.ROUTE:
                return ActionResult(True, address=await target.route(deployment))
            case ActionKind.SHIFT:
                return ActionResult(True, address=await target.shift(deployment, other, input.percent))
            case ActionKind.PREVIEW:
                return ActionResult(True, f"preview at {await target.preview(deployment)}")
            case ActionKind.CHECK:
                wrong = [await target.check(deployment, check) for check in rollout.checks]
                return ActionResult(not any(wrong), "; ".join(one for one in wrong if one))
            case ActionKind.DAST:
                attacked = await self._attacked(target, deployment, rollout.dast or DastSpec())
                return ActionResult(attacked.good, attacked.words, report=attacked.report)
            case ActionKind.VERIFY:
                old = counted_alike(other, deployment)
                return _verified(await target.verify(deployment, old, rollout.verify_s), deployment, other)
            case ActionKind.MEASURE:
                found = await self.history.baseline(counted_alike(deployment, other), input.tick_s)
                return ActionResult(True, found.words(), baseline=found)
            case ActionKind.STOP:
                said = await target.stop(counted_alike(deployment, other))
                if isinstance(target, StagedTarget) and input.other is not None:
                    await target.settle(input.other)
                return ActionResult(True, said)
            case ActionKind.PREFLIGHT | ActionKind.HOOK | ActionKind.RETIRE:
                return await _staged(target, input)
            case ActionKind.ADOPT | ActionKind.GIVE_BACK:
                await _adopted(target, input)
            case ActionKind.OBSERVE | ActionKind.APPROVE | ActionKind.KEEP | ActionKind.HEAL:
                raise permanent("SLW863", f"'{input.do}' is not an action of a target")
        return ActionResult(True)

    async def _attacked(self, target: Target, deployment: Deployment, spec: DastSpec) -> DastResult:
        if self.dast is None:
            return DastResult(spec.skipped != "block", "no DAST tool is configured")
        if not isinstance(target, AttackedTarget):
            return await self.dast.judged(await target.preview(deployment), spec)
        async with target.attackable(deployment) as address:
            return await self.dast.judged(address, spec)

    @activity.defn(name="record-release")
    async def record(self, record: ReleaseRecord) -> None:
        """Creates the record while `result` is empty, and completes it otherwise."""
        if record.result:
            self.records.end(record.id, record.result)
        else:
            about = {"version": record.version, "strategy": record.strategy, "cluster": record.cluster}
            self.records.start(record.id, record.service, record.environment, record.number, record.run, **about)


async def _staged(target: Target, input: ActionInput) -> ActionResult:
    """An action that only some targets have."""
    deployment, other = input.deployment, input.other
    if not isinstance(target, StagedTarget):
        raise permanent("SLW863", f"target {input.target} has no action '{input.do}'")
    if input.do is ActionKind.PREFLIGHT:
        ready = await target.preflight(deployment, other)
        return ActionResult(not ready.refusals, "; ".join(ready.refusals or ready.notes), ready=ready)
    if input.do is ActionKind.HOOK:
        why = await target.hook(deployment, input.name)
        return ActionResult(not why, why)
    retired = await target.retire(counted_alike(deployment, other), other or deployment)
    return ActionResult(True, retired.said, contracted=retired.contracted)


async def _adopted(target: Target, input: ActionInput) -> None:
    if not isinstance(target, AdoptingTarget):
        raise permanent("SLW863", f"target {input.target} has no action '{input.do}'")
    await (target.adopt if input.do is ActionKind.ADOPT else target.give_back)(input.deployment)


def _check_names(*deployments: Deployment) -> None:
    for one in deployments:
        if wrong := one.complaint():
            raise permanent("SLW060", wrong)


def _verified(seen: Verified, new: Deployment, old: Deployment) -> ActionResult:
    """The switch is complete when requests reach the new version, and none the old one."""
    if not seen.counted:
        return ActionResult(True)
    cut = f"; {seen.still_open} requests to it were still open at the drain limit" if seen.still_open else ""
    counted = f"in {seen.seconds:g} s {seen.new_requests} requests to {new.instance}, {seen.old_requests} to"
    words = f"{counted} {old.instance}, which drained in {seen.drained_s:g} s{cut}"
    return ActionResult(seen.old_requests == 0 and seen.new_requests > 0, words)
