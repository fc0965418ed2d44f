"""What goes wrong in several clusters at once, each fault in another one; and whether the console tells it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from activities.kubernetes.client import Kube
from activities.supervisor import launch
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError
from domain.inventory.model import Freshness
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import PageOf
from workers.core.settings import Settings
from workers.dialling.away import is_away
from workers.views.output import out

FOUND_S = 120.0
"""A node counts as lost after forty seconds without a word, and a cluster after thirty."""
LOSE = "sluiceway.dev/simulate"
"""Annotation that makes a simulated node unreachable."""
ABSENT = "registry.invalid/shop:404"
"""An image that no registry has: `.invalid` is nowhere (RFC 6761)."""


@dataclass(frozen=True)
class Fault:
    """One fault: how it comes, how it goes, and whose row of the fleet has to say which words."""

    what: str
    cluster: str
    kind: str
    """Of the object whose row tells it; `Cluster`: the cluster itself."""
    words: tuple[str, ...]
    """One of these is in the row's status or reason."""
    begins: Callable[[], None]
    ends: Callable[[], None]


def unpullable(cluster: str, kube: Kube, namespace: str) -> Fault:
    """A version that was never pushed."""
    wanted = deployment("typo", namespace, ABSENT, 1)
    return Fault(
        "a pod whose image cannot be pulled",
        cluster,
        "Pod",
        ("ImagePullBackOff", "ErrImagePull"),
        lambda: _apply(kube, wanted),
        lambda: _insist(lambda: kube.delete("apps/v1", "Deployment", "typo", namespace)),
    )


def over_quota(cluster: str, kube: Kube, namespace: str, image: str, replicas: int) -> Fault:
    """More pods than the namespace may have."""
    wanted = deployment("too-many", namespace, image, replicas)
    return Fault(
        "a quota that is exceeded",
        cluster,
        "Deployment",
        ("quota",),
        lambda: _apply(kube, wanted),
        lambda: _insist(lambda: kube.delete("apps/v1", "Deployment", "too-many", namespace)),
    )


def lost_node(cluster: str, kube: Kube, node: str) -> Fault:
    """A simulated node that says nothing any more."""

    def patched(value: str | None) -> None:
        _insist(lambda: kube.patch("v1", "Node", node, {"metadata": {"annotations": {LOSE: value}}}))

    return Fault(
        "a node that is lost",
        cluster,
        "Node",
        ("NotReady", "Unknown", "not ready", "heard"),
        lambda: patched("lost"),
        lambda: patched(None),
    )


def cut_off(spec: ClusterSpec, settings: Settings) -> Fault:
    """An API server that takes requests and answers none."""
    folder = settings.clusters / spec.name / "run" / "kube-apiserver"

    def told(what: signal.Signals) -> None:
        os.kill(Node(launch.read_json(folder / "state.json"))["instances"].first()["pid"].whole(), what)

    return Fault(
        "a cluster that is cut off",
        spec.name,
        "Cluster",
        (Freshness.STALE,),
        lambda: told(signal.SIGSTOP),
        lambda: told(signal.SIGCONT),
    )


def deployment(name: str, namespace: str, image: str, replicas: int) -> Manifest:
    """A Deployment that the restricted pod security standard admits."""
    labels: Manifest = {"app.kubernetes.io/name": name}
    closed: Manifest = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container: Manifest = {
        "name": "main",
        "image": image,
        "command": ["sleep", "3600"],
        "securityContext": closed,
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "50m", "memory": "32Mi"}},
    }
    who: Manifest = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
    pod: Manifest = {"containers": [container], "securityContext": who, "terminationGracePeriodSeconds": 1}
    spec: Manifest = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    meta: Manifest = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}


async def told(fleets: Fleets, fault: Fault) -> str:
    """What the fleet says of a fault; empty: nothing yet."""
    details = await fleets.cluster(fault.cluster)
    if fault.kind == "Cluster":
        return details.row.reason or "not heard of" if details.row.freshness in fault.words else ""
    if details.row.freshness is not Freshness.LIVE:
        return ""
    found = await fleets.objects(ObjectFilter(kind=fault.kind, cluster=fault.cluster, health="bad"), PageOf())
    said = (f"{one.name} {one.status}: {one.reason}" for one in found.items)
    return next((one for one in said if any(word in one for word in fault.words)), "")


async def all_told(fleets: Fleets, faults: list[Fault]) -> list[str]:
    """Makes each fault, and waits until the fleet tells it; returns those that it did not tell."""
    for fault in faults:
        await asyncio.to_thread(fault.begins)
    began, missing = time.monotonic(), list(faults)
    while missing and time.monotonic() - began < FOUND_S:
        for fault in list(missing):
            if said := await told(fleets, fault):
                missing.remove(fault)
                after = f"after {time.monotonic() - began:.0f} s"
                out(f"  {fault.what}: the console says of {fault.cluster}, {after}: {said}")
        await asyncio.sleep(0.2)
    return [f"the console does not tell {one.what} of {one.cluster}" for one in missing]


def _apply(kube: Kube, manifest: Manifest) -> None:
    _insist(lambda: kube.apply(manifest))


def _insist(do: Callable[[], object]) -> None:
    """Once more while the API server is too busy to answer: a fault is of the cluster, not of whoever makes it."""
    last = time.monotonic() + FOUND_S
    while True:
        try:
            do()
        except SluicewayError as broken:
            if not is_away(broken) or time.monotonic() > last:
                raise
        else:
            return
        time.sleep(1)
