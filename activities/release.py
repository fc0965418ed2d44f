"""Releases: the port to a platform, and the activity that carries out one action of a strategy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from temporalio import activity

from activities.errors import permanent
from activities.jobs import SourceRef
from activities.records import Records
from domain.errors import SluicewayError
from domain.pipeline import DeploySpec
from domain.release.actions import Do


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


class Platform(Protocol):
    """Where services run. Every method may be called twice with the same words and changes nothing the second time."""

    async def start(self, deployment: Deployment) -> None:
        """Returns when every process is ready.

        Raises:
            NotReadyError: one was not ready in time; all are stopped again.
        """
        ...

    async def route(self, deployment: Deployment) -> str:
        """The service's address, once its traffic goes to this deployment."""
        ...

    async def stop(self, deployment: Deployment) -> None:
        """Takes the deployment out of the traffic, drains it and ends its processes."""
        ...


@dataclass(frozen=True)
class ActionInput:
    do: Do
    deployment: Deployment
    target: str = "local"


@dataclass(frozen=True)
class ActionResult:
    ok: bool
    reason: str = ""
    address: str = ""


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

    @activity.defn(name="release-action")
    async def act(self, input: ActionInput) -> ActionResult:
        """Carries out one action. That a version is not ready is an answer; that a platform fails is retried."""
        platform = self.platforms.get(input.target)
        if platform is None:
            raise permanent("SLW863", f"there is no target '{input.target}'; there are {', '.join(self.platforms)}")
        beating = asyncio.create_task(_beat())
        try:
            match input.do:
                case Do.START:
                    await platform.start(input.deployment)
                    return ActionResult(True)
                case Do.ROUTE:
                    return ActionResult(True, address=await platform.route(input.deployment))
                case Do.STOP:
                    await platform.stop(input.deployment)
                    return ActionResult(True)
        except NotReadyError as late:
            return ActionResult(False, late.what + (f" ({late.why})" if late.why else ""))
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    @activity.defn(name="record-release")
    async def record(self, record: ReleaseRecord) -> None:
        if record.result:
            self.records.end_release(record.id, record.result)
        else:
            self.records.start_release(record.id, record.service, record.environment, record.number, record.run)


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.5)
