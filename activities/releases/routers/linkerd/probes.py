"""The life of a probe pod: it is made when a change of traffic begins, and ended when nothing is left to change."""

from __future__ import annotations

import asyncio

from activities.kubernetes.port import ApplyApi
from activities.releases.clock import Clock
from domain.clusters import metadata
from domain.clusters.health import condition
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.kubernetes.naming import TRAFFIC

POLL_S = 0.2
_OVER = ("Failed", "Succeeded")


async def ready(kube: ApplyApi, wanted: Manifest, clock: Clock, limit_s: float) -> None:
    """Returns when it runs, with a proxy; one that has ended is made again.

    Raises:
        RefusedError: SLW860, no mesh has given it a proxy.
        SluicewayError: SLW861, it did not start in time.
    """
    space, name = metadata.namespace(wanted), metadata.name(wanted)
    deadline = clock.now() + limit_s
    while True:
        found = await asyncio.to_thread(_found, kube, wanted)
        if found is not None and condition(found, "Ready") == "True":
            if not _proxied(found):
                what = f"no mesh has given the probe pod {space}/{name} a proxy"
                raise RefusedError("SLW860", what, fix="let the mesh inject its proxy into pods of this namespace")
            return
        if clock.now() > deadline:
            why = _why(found or {})
            raise SluicewayError("SLW861", f"the probe pod {space}/{name} did not start", why=why, transient=True)
        await clock.sleep(POLL_S)


def end(kube: ApplyApi, probe: str) -> None:
    """`probe`: `NAMESPACE/NAME`. One that is not there is fine."""
    space, _, name = probe.partition("/")
    kube.delete("v1", "Pod", name, space)


def _found(kube: ApplyApi, wanted: Manifest) -> Object | None:
    """As it is now; None: it ends, or was made in this moment."""
    space, name = metadata.namespace(wanted), metadata.name(wanted)
    found = kube.get("v1", "Pod", name, space)
    if found is None:
        kube.apply(wanted, manager=TRAFFIC)
    elif metadata.is_ending(found):
        return None
    elif Node(found).at("status", "phase").text() in _OVER or _image(found) != _image(wanted):
        end(kube, f"{space}/{name}")
        return None
    return found


def _image(pod: Object) -> str:
    return Node(pod).at("spec", "containers").first()["image"].text()


def _proxied(pod: Object) -> bool:
    """Sidecars are containers, or of the initial ones those that go on (Kubernetes, "sidecar containers")."""
    spec = Node(pod)["spec"]
    return any(one["name"].text().endswith("-proxy") for key in ("containers", "initContainers") for one in spec[key])


def _why(pod: Object) -> str:
    waiting = [
        f"{one['name'].text()}: {said['reason'].text()} {said['message'].text()}".strip()
        for one in Node(pod).at("status", "containerStatuses")
        if (said := one.at("state", "waiting"))
    ]
    return "; ".join(waiting)[:300] or "it is not ready"
