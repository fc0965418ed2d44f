"""A namespace of a cluster: a version is one set of objects of its own, and its Service is what routes name.

Nothing that has traffic is relabelled, reselected or copied: a version is applied, scaled, and deleted with its root.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from activities.core.cancellation import CancellationToken, run_blocking
from activities.kubernetes.port import ApplyApi
from activities.releases.port import HOOK_S, NotReadyError, Ready, Retired
from activities.releases.routed_target import Routed
from activities.releases.routers.port import Backend, HandsOver, Leads, Listened, Listens, Restores, Router
from activities.releases.targets.kubernetes.adopted import AdoptedWorkload
from activities.releases.targets.kubernetes.version import Version
from activities.releases.targets.kubernetes.workload import Workload
from activities.secrets.broker import Broker, closed
from activities.storage.port import Store
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.capabilities import wanted
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.drift_classes import Finding, Kind

Reach = Callable[[str], ApplyApi]
"""The API of a cluster by its name."""


class KubernetesTarget(Routed):
    """The cluster is the state: a restarted worker finds everything by the names of a release's objects."""

    def __init__(
        self, reach: Reach, store: Store, routers: Mapping[str, Router], secrets: Broker | None = None
    ) -> None:
        super().__init__(routers)
        self._reach, self._store, self._secrets = reach, store, secrets or closed()

    def _version(self, deployment: Deployment) -> Workload:
        """Raises:
        SluicewayError: SLW865, it names no place in a cluster; SLW952, the cluster is unknown.
        """
        spec = deployment.spec.kubernetes
        if spec is None:
            what = f"{deployment.service} {deployment.instance} has no place in a cluster"
            raise SluicewayError("SLW865", what, fix="register its environment with a target, and release it again")
        kube = self._reach(spec.place.cluster)
        if spec.adopted is not None:
            return AdoptedWorkload(kube, spec, spec.adopted, deployment)
        return Version(kube, spec, deployment, self._store, self._secrets)

    async def adopt(self, deployment: Deployment) -> None:
        """A Service of its own leads to the pods that run."""
        workload = _adopted(self._version(deployment))
        await self._ready(workload, await run_blocking(workload.adopt), withdraw=False)

    async def route(self, deployment: Deployment) -> str:
        """Of an imported version the route that led to it goes, when ours is in force."""
        workload, router = self._version(deployment), self.router_of(deployment)
        if not isinstance(workload, AdoptedWorkload):
            return await super().route(deployment)
        await _handing(router).take_over(await self.backend(deployment), workload.former())
        return router.address(deployment)

    async def give_back(self, deployment: Deployment) -> None:
        """Traffic first, then what was made for it; its pods answer all the time."""
        workload = _adopted(self._version(deployment))
        await _handing(self.router_of(deployment)).hand_back(deployment, workload.former())
        await run_blocking(workload.withdraw)

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Applies all objects; a version that is not ready is taken away again."""
        version = self._version(deployment)
        count = await run_blocking(lambda: version.apply(version.count(instances)))
        await self._ready(version, count, withdraw=True)

    @asynccontextmanager
    async def attackable(self, deployment: Deployment) -> AsyncIterator[str]:
        """By a proxy, since no name of a cluster means anything on the worker's machine."""
        address, router = await self.preview(deployment), self.router_of(deployment)
        if not isinstance(router, Leads):
            raise RefusedError("SLW860", f"router {deployment.spec.router} leads no scanner to a version")
        async with router.leading(address) as there:
            yield there

    async def preflight(self, deployment: Deployment, previous: Deployment | None) -> Ready:
        """Rights, admission, quotas, and what the router can do now; nothing is touched."""
        before = self._version(previous) if previous and previous.spec.kubernetes else None
        ready = await run_blocking(lambda: self._version(deployment).preflight(before))
        router = self.router_of(deployment)
        unable = (*self._unable(deployment), *await router.refusals(deployment))
        by_tls = await router.listened(deployment) if isinstance(router, Listens) else Listened()
        refusals = (*unable, *by_tls.refusals, *ready.refusals)
        return replace(ready, refusals=refusals, notes=(*ready.notes, *by_tls.notes))

    def _unable(self, deployment: Deployment) -> Iterator[str]:
        """What the rollout needs of its router, which that cannot do in this cluster."""
        spec, has = deployment.spec, self.router_of(deployment).capabilities
        for needed, key in wanted(spec.strategy, spec.rollout).items():
            if needed not in has:
                yield f"{'.'.join(key)}: router {spec.router} cannot {needed} here"
        queried = any(metric.events for metric in spec.rollout.policy.metrics)
        if queried and spec.kubernetes and spec.kubernetes.place.counters is None:
            yield f"analysis.metrics: the environment {deployment.environment} names no Prometheus to query"

    async def hook(self, deployment: Deployment, name: str) -> str:
        """Why a hook failed; empty: it succeeded, or the version has none of that name."""
        return await self._hooked(deployment, name, again=False)

    async def _hooked(self, deployment: Deployment, name: str, *, again: bool) -> str:
        version, token = self._version(deployment), CancellationToken()
        return await run_blocking(lambda: version.hook(name, HOOK_S, token.report, again=again), token)

    async def retire(self, deployment: Deployment, live: Deployment) -> Retired:
        """Runs the live version's `contract`, which nobody needs to come back from any more, then stops this one.

        One that failed is run again whenever this is asked for again.
        """
        contracts = live.instance != deployment.instance and await run_blocking(self._version(live).contracts)
        if contracts and (why := await self._hooked(live, "contract", again=True)):
            raise NotReadyError("SLW864", f"{deployment.instance} stays: contract of {live.instance} failed", why=why)
        said = await self.stop(deployment)
        await self.settle(live)
        return Retired(said, contracts)

    async def settle(self, live: Deployment) -> None:
        """What was held of the live version while another one stood beside it is its autoscaler's again."""
        await run_blocking(self._version(live).unhold)

    async def scale(self, deployment: Deployment, instances: int) -> str:
        """Down: each pod leaves the endpoints first, and answers until its grace period is over."""
        version = self._version(deployment)
        count = await run_blocking(lambda: version.count(instances))
        said = await run_blocking(lambda: version.scale(count))
        await self._ready(version, count, withdraw=False)
        await self.router_of(deployment).update(await self.backend(deployment))
        return said

    async def _ready(self, version: Workload, count: int, *, withdraw: bool) -> None:
        token = CancellationToken()
        why = await run_blocking(lambda: version.wait_ready(count, token.report), token)
        if not why:
            return
        if withdraw:
            await asyncio.to_thread(version.withdraw)
        raise NotReadyError("SLW864", f"version {version.deployment.spec.version} did not become ready", why=why)

    async def backend(self, deployment: Deployment) -> Backend:
        version = self._version(deployment)
        ready = await run_blocking(version.answering)
        if ready is None:
            what = f"{deployment.service} {deployment.instance} is not running"
            raise SluicewayError("SLW865", what, fix="release the version again")
        return Backend(deployment, ready=ready)

    async def stop(self, deployment: Deployment) -> str:
        """Traffic first, then its requests, its pods, and last its objects."""
        version = self._version(deployment)
        if not await run_blocking(version.exists):
            return ""
        said = await self.leave(deployment)
        token = CancellationToken()
        await run_blocking(lambda: version.end(token.report), token)
        return said

    async def drift(self, deployment: Deployment) -> list[str]:
        """Fields that somebody else has set otherwise than they were released, objects that are gone, or nobody's."""
        return [one.line for one in await self.findings(deployment)]

    async def findings(self, deployment: Deployment) -> list[Finding]:
        """Of the version's objects, and of the service's route."""
        found = await run_blocking(self._version(deployment).findings)
        router = self.router_of(deployment)
        if isinstance(router, Restores) and await router.is_gone(deployment):
            return [*found, Finding(Kind.GONE, _gone(deployment), f"the route of {deployment.service} is gone")]
        lines = await router.drift(deployment)
        return [*found, *(Finding(Kind.TRAFFIC, _route(deployment), line) for line in lines)]

    async def heal(self, deployment: Deployment, objects: Collection[str]) -> None:
        """The route by its state, the version's objects by the bytes that were released.

        A route that is gone is made again where that was found: while a release is under way, it may be gone for good.
        """
        router, rest = self.router_of(deployment), {*objects} - {_route(deployment), _gone(deployment)}
        if isinstance(router, Restores) and _gone(deployment) in objects:
            await router.lead_again(deployment)
        elif isinstance(router, Restores) and _route(deployment) in objects:
            await router.restore(deployment)
        if rest:
            await run_blocking(lambda: self._version(deployment).heal(rest))


def _route(deployment: Deployment) -> str:
    return f"route {deployment.service}"


def _gone(deployment: Deployment) -> str:
    return f"every route {deployment.service}"


def _adopted(workload: Workload) -> AdoptedWorkload:
    if not isinstance(workload, AdoptedWorkload):
        raise RefusedError("SLW968", f"{naming.object_name(workload.deployment)} is a release's own, and not imported")
    return workload


def _handing(router: Router) -> HandsOver:
    if not isinstance(router, HandsOver):
        raise RefusedError("SLW968", "its router has no route of its own, so nothing is imported to it")
    return router
