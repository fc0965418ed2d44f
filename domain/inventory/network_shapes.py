"""Shapes of services, endpoint slices and policies; how to read them: shapes.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory.shapes import Meta, Reference, Selector, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    name: str = ""
    protocol: str = ""
    port: int = 0
    target_port: int | str | None = ""
    node_port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    type: str = ""
    selector: Texts | None = None
    ports: Sequence[ServicePort] | None = ()
    cluster_ip: str = ""
    external_name: str = ""
    external_ips: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressPoint:
    ip: str = ""
    hostname: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    ingress: Sequence[IngressPoint] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    load_balancer: LoadBalancer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    metadata: Meta = Meta()
    spec: ServiceSpec = ServiceSpec()
    status: ServiceState = ServiceState()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointConditions:
    ready: bool | None = None
    """None: to be taken for ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    addresses: Sequence[str] | None = ()
    conditions: EndpointConditions | None = None
    target_ref: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPort:
    name: str | None = ""
    port: int | None = 0
    protocol: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSlice:
    metadata: Meta = Meta()
    endpoints: Sequence[Endpoint] | None = ()
    ports: Sequence[EndpointPort] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    cidr: str = ""
    except_: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPeer:
    pod_selector: Selector | None = None
    namespace_selector: Selector | None = None
    ip_block: Network | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPort:
    protocol: str | None = ""
    port: int | str | None = None
    end_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressRule:
    from_: Sequence[PolicyPeer] | None = ()
    ports: Sequence[PolicyPort] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressRule:
    to: Sequence[PolicyPeer] | None = ()
    ports: Sequence[PolicyPort] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpec:
    pod_selector: Selector | None = None
    policy_types: Sequence[str] | None = ()
    ingress: Sequence[IngressRule] | None = ()
    egress: Sequence[EgressRule] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    metadata: Meta = Meta()
    spec: PolicySpec = PolicySpec()
