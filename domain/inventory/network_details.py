"""`ObjectRow.details` of what networks are made of; how to read them: details.py."""

from __future__ import annotations

from typing import TypedDict

from domain.inventory.details import Selector


class ServicePort(TypedDict, total=False):
    """`target`: a number or a name of the pods' port."""

    name: str
    protocol: str
    port: int
    target: str
    node_port: int


class ServiceDetails(TypedDict, total=False):
    """Service. How many of its addresses are ready is the row's `ready` of its EndpointSlices."""

    type: str
    """`ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`."""
    selector: dict[str, str]
    ports: list[ServicePort]
    ip: str
    """Its cluster IP; `None`: headless."""
    external: list[str]
    """Addresses outside: of its load balancer, or its external name."""


class EndpointSliceDetails(TypedDict, total=False):
    """EndpointSlice. The row's `wanted` is all of its addresses, `ready` those that are ready."""

    service: str
    """The Service's name, in the same namespace."""
    ports: list[str]
    pods: list[str]
    """Names of pods behind it."""


class Peer(TypedDict, total=False):
    """Whom a policy lets in or out. `pods` without `namespaces`: of the policy's own namespace."""

    pods: Selector
    namespaces: Selector
    cidr: str
    excepted: list[str]
    """Networks inside `cidr` that are not meant."""
    of: str
    """`pods`, `namespaces`, `pods-in-namespaces`, `network`: which of them it has, as an empty selector is left out."""


class PolicyRule(TypedDict, total=False):
    """One rule. Without `peers`: everybody; without `ports`: every port."""

    peers: list[Peer]
    ports: list[str]
    """`8080/TCP`, `http/TCP`, `8080-8090/TCP`, `*/UDP`."""
    cut: int
    """Peers that are not in the list, because it is too long."""


class NetworkPolicyDetails(TypedDict, total=False):
    """NetworkPolicy. A direction in `types` without rules lets nobody through."""

    selector: Selector
    """Its pods."""
    types: list[str]
    """`Ingress`, `Egress`."""
    ingress: list[PolicyRule]
    egress: list[PolicyRule]
    ours: bool
    """Sluiceway's label is on it."""
    expires: str
    """Annotation `sluiceway.dev/expires`, as it stands there."""
    cut: int
    """Rules that are not in the lists."""
