"""Ready endpoints of Services, as their EndpointSlices have them.

Source: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from activities.kubernetes.port import ObjectApi
from domain.clusters import metadata
from domain.core.documents import Node, Object

API, KIND = "discovery.k8s.io/v1", "EndpointSlice"
_POD = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
"""A server checks no name in a `targetRef`, and this one becomes a part of a path of its API."""


@dataclass(frozen=True)
class Endpoint:
    """One process behind a Service's port."""

    namespace: str
    address: str
    port: int
    pod: str = ""
    """Empty: it is no pod."""


def ready(kube: ObjectApi, service: Object, port: str) -> Iterator[Endpoint]:
    """Of one of its ports, by name; those that cannot be told whether they are ready count as ready."""
    space, labels = metadata.namespace(service), f"kubernetes.io/service-name={metadata.name(service)}"
    for one in kube.items(API, KIND, space, labels):
        yield from _of_slice(Node(one), space, port)


def _of_slice(found: Node, space: str, name: str) -> Iterator[Endpoint]:
    port = next((one["port"].whole() for one in found["ports"] if one["name"].text() == name), 0)
    for one in found["endpoints"] if port else ():
        address, target = one["addresses"].first().text(), one["targetRef"]
        if address and one["conditions"]["ready"].value is not False:
            name = target["name"].text() if target["kind"].text() == "Pod" else ""
            yield Endpoint(space, address, port, name if _POD.fullmatch(name) else "")
