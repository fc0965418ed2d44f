"""HTTPRoutes whose parent is a Service: what a mesh leads inside of a cluster, by the GAMMA part of Gateway API.

Source: https://gateway-api.sigs.k8s.io/mesh/ and https://linkerd.io/2/reference/httproute/

A client's own proxy takes its requests to a Service's address and sends them to the backends of its route. A mesh
ignores hosts, so the service and its preview are two Services. Neither has pods: nobody is reached past the mesh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json
from domain.releases.kubernetes import http_route
from domain.releases.kubernetes.http_route import Edge, Rendered
from domain.releases.kubernetes.traffic import Traffic

_NO_PORTS: Mapping[str, int] = {}
PROBE_USER = 65534
PROBE_S = 6 * 3600
"""How long a probe pod lives at most, should nobody end it."""
MESHED: Mapping[str, str] = {"linkerd.io/inject": "enabled", "sidecar.istio.io/inject": "true"}
"""Annotations by which meshes give a pod its proxy."""
PROBE = "probe"
"""Label of probe pods, and the name of their container."""


def host_of(service: str, namespace: str) -> str:
    """The name by which clients ask for a Service."""
    return f"{service}.{namespace}.svc"


def routes(traffic: Traffic, edge: Edge, ports: Mapping[str, int] = _NO_PORTS) -> list[Rendered]:
    """Those of a Gateway with Services as parents; `edge.host` is the service's own name."""
    return [_at_service(one, edge) for one in http_route.routes(traffic, edge, ports)]


def _at_service(rendered: Rendered, edge: Edge) -> Rendered:
    spec = dict(Node(rendered.manifest)["spec"].object())
    spec.pop("hostnames")
    name = Node(rendered.manifest).at("metadata", "name").text()
    parent: Manifest = {"group": "", "kind": "Service", "name": name}
    manifest: Manifest = {**rendered.manifest, "spec": {**spec, "parentRefs": [parent]}}
    return replace(rendered, manifest=manifest, host=host_of(name, edge.namespace))


def parents(edge: Edge, wire: Sequence[Json]) -> list[Manifest]:
    """The Services that clients name. They choose no pods, and no release changes them. `wire`: their ports."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": edge.namespace, "labels": dict(edge.labels)},
            "spec": {"ports": [*wire]},
        }
        for name in (edge.service, f"{edge.service}-preview")
    ]


def probe(edge: Edge, image: str) -> Manifest:
    """A pod in the mesh that waits for requests to send: through its proxy it sees what every other client's does.

    It has no rights: no token, no capabilities, no files that it may write.
    """
    bounds: Manifest = {"cpu": "50m", "memory": "32Mi"}
    container: Manifest = {
        "name": PROBE,
        "image": image,
        "command": ["/bin/sh", "-c", "trap exit TERM; while :; do sleep 1 & wait; done"],
        "resources": {"requests": bounds, "limits": bounds},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": probe_name(edge.service),
            "namespace": edge.namespace,
            "labels": {**edge.labels, "app.kubernetes.io/component": PROBE},
            "annotations": dict(MESHED),
        },
        "spec": {
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "activeDeadlineSeconds": PROBE_S,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": PROBE_USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }


def probe_name(service: str) -> str:
    """Of a service's probe pod."""
    return f"{service}-{PROBE}"


def not_accepted(route: Object) -> str:
    """Why no mesh leads by this route; empty: one says that it does, of this or an earlier form.

    Linkerd tells no generation, and calls backends resolved as soon as one of them is: the route's sign alone counts.
    """
    name = Node(route).at("metadata", "name").text()
    for parent in Node(route).at("status", "parents"):
        ref = parent["parentRef"]
        if (ref["kind"].text(), ref["name"].text()) != ("Service", name):
            continue
        said = {one["type"].text(): one for one in parent["conditions"]}
        for kind in ("Accepted", "ResolvedRefs"):
            if kind in said and said[kind]["status"].text() != "True":
                return f"{kind} is not true: {said[kind]['reason'].text()} {said[kind]['message'].text()}"[:300]
        if "Accepted" in said:
            return ""
    return f"no mesh has looked at the route {name}"


def lacking(traffic: Traffic) -> list[str]:
    """What a mesh cannot do by its routes: copies of requests, and clients that stay."""
    wanted = {"a mirror": bool(traffic.mirror), "sticky clients": traffic.routing.sticky}
    return [name for name, needed in wanted.items() if needed]
