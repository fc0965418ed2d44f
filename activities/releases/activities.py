"""Releases: the port to a platform, and the activity that carries out one action of a strategy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from temporalio import activity

from activities.core.errors import permanent
from activities.jobs.activities import SourceRef
from activities.scans.dast import Attacked, Dast
from activities.storage.records import Records
from domain.core.errors import SluicewayError
from domain.pipelines.job import DeploySpec
from domain.releases.actions import Do
from domain.releases.spec import Check, DastSpec
from domain.releases.traffic_baseline import Baseline


@dataclass(frozen=True)
class Deployment:
    """One version of a service in one environment, as a platform runs it."""

    service: str
    environment: str
    instance: str
    """Names this deployment for ever: `r` and the release's number."""
    spec: DeploySpec = DeploySpec()
    source: SourceRef = SourceRef()
    artifact: str = ""
    """Digest of what it runs in; empty: a checkout of the source."""
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


class NotReadyError(SluicewayError):
    """The version did not become ready in its time: a result, not a fault of the platform."""


@dataclass(frozen=True)
class Verified:
    """What the counters say after a switch."""

    new_requests: int = 0
    old_requests: int = 0
    seconds: float = 0.0
    drained_s: float = 0.0
    still_open: int = 0
    """Requests to the version before that had not ended when its drain time was over."""
    counted: bool = True
    """False: without a router nobody sends requests, and nothing can be counted."""


class Platform(Protocol):
    """Where services run. Every method may be called twice with the same words and changes nothing the second time.

    A change of the traffic has happened when the method returns: the router has confirmed it.
    """

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Returns when every process is ready. 0: as many as the definition says.

        Raises:
            NotReadyError: one was not ready in time; all are stopped again.
        """
        ...

    async def scale(self, deployment: Deployment, instances: int) -> str:
        """Changes the number of processes; those that go leave the traffic and drain first. Returns what was cut off.

        Raises:
            NotReadyError: one was not ready in time.
        """
        ...

    async def route(self, deployment: Deployment) -> str:
        """The service's address, once all its traffic goes to this deployment."""
        ...

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        """The service's address, once this part of the traffic goes to the deployment and the rest to the other."""
        ...

    async def preview(self, deployment: Deployment) -> str:
        """The deployment's own address, once its header, cookie and mirror routes stand as well."""
        ...

    async def check(self, deployment: Deployment, check: Check) -> str:
        """What is wrong with the answer at the preview address; empty: nothing."""
        ...

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """Waits until the other has drained, then watches for a time who gets requests, one of its own among them."""
        ...

    async def drift(self, deployment: Deployment) -> list[str]:
        """How what runs differs from what was released, a line each."""
        ...

    async def stop(self, deployment: Deployment) -> str:
        """Takes the deployment out of the traffic, drains it and ends its processes. Returns what was cut off."""
        ...


class History(Protocol):
    """What the router counted before a release."""

    def baseline(self, deployment: Deployment, tick_s: float) -> Baseline: ...


@dataclass(frozen=True)
class ActionInput:
    do: Do
    deployment: Deployment
    target: str = "local"
    other: Deployment | None = None
    """The version beside it, for what concerns both."""
    percent: float = 0.0
    count: int = 0
    tick_s: float = 10.0
    """MEASURE: what one tick of the judge will be."""


@dataclass(frozen=True)
class ActionResult:
    ok: bool
    reason: str = ""
    """Why not; or what is worth saying although it went well."""
    address: str = ""
    baseline: Baseline = Baseline()
    """MEASURE."""
    report: str = ""
    """DAST: digest of its report in the store."""


@dataclass(frozen=True)
class ReleaseRecord:
    id: str
    service: str = ""
    environment: str = ""
    number: int = 0
    run: str = ""
    result: str = ""
    """JSON; empty while the release is under way."""


@dataclass
class ReleaseActivities:
    platforms: Mapping[str, Platform]
    records: Records
    history: History
    dast: Dast | None = None

    @activity.defn(name="release-action")
    async def act(self, input: ActionInput) -> ActionResult:
        """Carries out one action. That a version is not ready is an answer; that a platform fails is retried."""
        platform = self.platforms.get(input.target)
        if platform is None:
            raise permanent("SLW863", f"there is no target '{input.target}'; there are {', '.join(self.platforms)}")
        beating = asyncio.create_task(_beat())
        try:
            return await self._carry_out(platform, input)
        except NotReadyError as late:
            return ActionResult(False, late.what + (f" ({late.why})" if late.why else ""))
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    async def _carry_out(self, platform: Platform, input: ActionInput) -> ActionResult:
        deployment, other = input.deployment, input.other or input.deployment
        rollout = deployment.spec.rollout
        match input.do:
            case Do.START:
                await platform.start(deployment, input.count)
            case Do.SCALE:
                return ActionResult(True, await platform.scale(deployment, input.count))
            case Do.ROUTE:
                return ActionResult(True, address=await platform.route(deployment))
            case Do.SHIFT:
                return ActionResult(True, address=await platform.shift(deployment, other, input.percent))
            case Do.PREVIEW:
                return ActionResult(True, f"preview at {await platform.preview(deployment)}")
            case Do.CHECK:
                wrong = [await platform.check(deployment, check) for check in rollout.checks]
                return ActionResult(not any(wrong), "; ".join(one for one in wrong if one))
            case Do.DAST:
                attacked = await self._attacked(await platform.preview(deployment), rollout.dast or DastSpec())
                return ActionResult(attacked.good, attacked.words, report=attacked.report)
            case Do.VERIFY:
                return _verified(await platform.verify(deployment, other, rollout.verify_s), deployment, other)
            case Do.MEASURE:
                found = await asyncio.to_thread(self.history.baseline, deployment, input.tick_s)
                return ActionResult(True, found.words(), baseline=found)
            case Do.STOP:
                return ActionResult(True, await platform.stop(deployment))
            case Do.OBSERVE | Do.APPROVE | Do.KEEP:
                raise permanent("SLW863", f"'{input.do}' is the workflow's, not a platform's")
        return ActionResult(True)

    async def _attacked(self, address: str, spec: DastSpec) -> Attacked:
        if self.dast is None:
            return Attacked(spec.skipped != "block", "nothing attacks services here")
        return await self.dast.judged(address, spec)

    @activity.defn(name="record-release")
    async def record(self, record: ReleaseRecord) -> None:
        if record.result:
            self.records.end_release(record.id, record.result)
        else:
            self.records.start_release(record.id, record.service, record.environment, record.number, record.run)


def _verified(seen: Verified, new: Deployment, old: Deployment) -> ActionResult:
    """The switch has happened when requests reach the new version, and none the old one."""
    if not seen.counted:
        return ActionResult(True)
    cut = f"; {seen.still_open} requests to it were still open at the limit" if seen.still_open else ""
    counted = f"in {seen.seconds:g} s {seen.new_requests} requests to {new.instance}, {seen.old_requests} to"
    words = f"{counted} {old.instance}, which drained in {seen.drained_s:g} s{cut}"
    return ActionResult(seen.old_requests == 0 and seen.new_requests > 0, words)


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.5)
