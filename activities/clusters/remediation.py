"""Observes a cluster for problems, and carries out one repair."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.authority.port import Permits
from activities.clusters import permits, port
from activities.clusters.node_drain import DrainApi, drain
from activities.clusters.port import RepairInput, SurveyInput
from activities.core.cancellation import run_blocking
from activities.core.errors import permanent
from domain.authority.cluster_orders import REPAIR
from domain.clusters import autoscaling as scaling
from domain.clusters import metadata
from domain.clusters import remediation as healing
from domain.clusters.access import Access
from domain.clusters.remediation import Observation, Remedy
from domain.clusters.spec import NodePool
from domain.core import ids as keys
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError

LOOK_S = 2.0


@dataclass(frozen=True)
class RemediationActivities(port.RemediationActivities):
    """A survey returns when something has changed or its time is over; it polls every `look_s` seconds."""

    open: Callable[[Access, str], DrainApi]
    """Access and cluster name to its API client."""
    look_s: float = LOOK_S
    permits: Permits = field(kw_only=True)

    @activity.defn(name="cluster-survey")
    async def survey(self, input: SurveyInput) -> Observation:
        """An unreachable API is an observation, not a failure."""
        deadline = time.monotonic() + input.wait_s
        while True:
            pools = await _pools(input.cluster) if input.load else ()
            seen = await run_blocking(partial(self._survey, input, pools))
            if seen != input.known or time.monotonic() >= deadline:
                return seen
            activity.heartbeat()
            await asyncio.sleep(min(self.look_s, max(deadline - time.monotonic(), 0)))

    def _survey(self, input: SurveyInput, pools: tuple[NodePool, ...]) -> Observation:
        try:
            api = self.open(input.access, input.cluster)
            nodes, pods = api.items("v1", "Node"), api.items("v1", "Pod")
            seen = healing.survey(nodes, pods)
            return replace(seen, load=scaling.load(nodes, pods, _since(pods)), pools=pools) if input.load else seen
        except SluicewayError as broken:
            return Observation(trouble=broken.what)

    @activity.defn(name="cluster-mend")
    async def mend(self, input: RepairInput) -> None:
        """Carries out one decision. Idempotent."""
        claim = permits.repair(input, REPAIR)
        try:
            await run_blocking(partial(self.permits.permit, claim))
            await run_blocking(partial(self._mend, input, activity.info().scheduled_time))
        except RefusedError as refused:
            raise permanent(refused.code, str(refused)) from refused
        except SluicewayError as broken:
            raise ApplicationError(f"{broken.what}: {broken.why}", type=broken.code) from broken

    def _mend(self, input: RepairInput, at: datetime) -> None:
        """`at`: when it was requested; the same for every retry."""
        api, target = self.open(input.access, input.cluster), input.decision.target
        match input.decision.remedy:
            case Remedy.CORDON:
                api.patch("v1", "Node", target, _closed("true"))
            case Remedy.UNCORDON:
                api.patch("v1", "Node", target, _closed(None))
            case Remedy.REPLACE:  # its pods go with it; the provider recreates the node under its name
                api.delete("v1", "Node", target)
            case Remedy.RECREATE:
                namespace, _, name = target.partition("/")
                api.delete("v1", "Pod", name, namespace)
            case Remedy.DRAIN:
                drain(api, target, lambda words: None)
            case Remedy.RESTART:
                namespace, kind, name = target.split("/")
                api.patch("apps/v1", kind, name, _restarted(at), namespace)


async def _pools(cluster: str) -> tuple[NodePool, ...]:
    """The pools as the cluster's workflow has them now."""
    view = Node(await activity.client().get_workflow_handle(keys.cluster_id(cluster)).query("view"))
    return tuple(
        NodePool(
            one["name"].text(),
            one["count"].whole(),
            cpu=one["cpu"].number(),
            memory_mb=one["memory_mb"].whole(),
            max_count=one["max_count"].whole(),
            min_count=one["min_count"].whole(),
        )
        for one in view.at("spec", "pools")
    )


def _since(pods: list[Object]) -> dict[str, float]:
    """When each pod became unschedulable."""
    found = {}
    for one in pods:
        told = [each for each in Node(one).at("status", "conditions") if each["type"].text() == "PodScheduled"]
        when = told[0]["lastTransitionTime"].text() if told else ""
        found[metadata.full_name(one)] = metadata.epoch(when or metadata.created(one))
    return found


def _restarted(at: datetime) -> Manifest:
    """Like `kubectl rollout restart`: a changed annotation changes the pod template."""
    note = {"kubectl.kubernetes.io/restartedAt": at.isoformat(timespec="seconds")}
    return {"spec": {"template": {"metadata": {"annotations": note}}}}


def _closed(mark: str | None) -> Manifest:
    return {"metadata": {"annotations": {healing.CORDONED: mark}}, "spec": {"unschedulable": mark is not None}}
