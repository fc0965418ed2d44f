"""Rows of Services and of their EndpointSlices."""

from __future__ import annotations

from itertools import islice

from domain.inventory.details import MOST_ITEMS
from domain.inventory.model import Health, ObjectRow
from domain.inventory.network_details import EndpointSliceDetails, ServiceDetails
from domain.inventory.network_details import ServicePort as PortDetails
from domain.inventory.network_shapes import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from domain.inventory.scene import Scene, ending_since, row
from domain.inventory.texts import clean, labels, number, texts, word

TYPES = frozenset(("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"))
OF_SERVICE = "kubernetes.io/service-name"


def service_row(one: Service, scene: Scene) -> ObjectRow:
    """Service: a load balancer that has no address yet is on its way."""
    spec = one.spec
    status = word(spec.type or "ClusterIP", TYPES)
    balancer = one.status.load_balancer
    points = [clean(each.ip or each.hostname) for each in (balancer.ingress if balancer else None) or ()]
    details: ServiceDetails = {
        "type": status,
        "selector": labels(spec.selector),
        "ports": [_port(each) for each in islice(spec.ports or (), MOST_ITEMS)],
        "ip": clean(spec.cluster_ip, 64),
        "external": (points or texts(spec.external_ips) or [clean(spec.external_name)] * bool(spec.external_name))[
            :MOST_ITEMS
        ],
    }
    waits = status == "LoadBalancer" and not points
    health = Health.PROGRESSING if waits else Health.HEALTHY
    return row(
        scene, "Service", one.metadata, health, status, {**details}, reason="its load balancer has no address yet"
    )


def _port(one: ServicePort) -> PortDetails:
    made: PortDetails = {"protocol": clean(one.protocol, 8) or "TCP", "port": number(one.port)}
    if one.name:
        made["name"] = clean(one.name, 63)
    if one.target_port:
        made["target"] = clean(str(one.target_port), 63)
    if one.node_port:
        made["node_port"] = number(one.node_port)
    return made


def endpoint_slice_row(one: EndpointSlice, scene: Scene) -> ObjectRow:
    """EndpointSlice: degraded where it has addresses, and none of them is ready."""
    every = [(each, len(each.addresses or ())) for each in one.endpoints or ()]
    wanted, ready = sum(number for _, number in every), sum(number for each, number in every if _is_ready(each))
    pods = [each.target_ref.name for each, _ in every if each.target_ref and each.target_ref.kind == "Pod"]
    details: EndpointSliceDetails = {
        "service": clean((one.metadata.labels or {}).get(OF_SERVICE)),
        "ports": [_slice_port(each) for each in islice(one.ports or (), MOST_ITEMS)],
        "pods": texts(pods),
    }
    status = "Empty" if not wanted else "Ready" if ready else "NotReady"
    health = Health.DEGRADED if status == "NotReady" else Health.HEALTHY
    return row(
        scene,
        "EndpointSlice",
        one.metadata,
        health,
        status,
        {**details},
        reason=f"none of its {wanted} addresses is ready",
        since=ending_since(one.metadata),
        owner=f"Service/{details['service']}" if details["service"] else "",
        wanted=wanted,
        ready=ready,
    )


def _is_ready(one: Endpoint) -> bool:
    return one.conditions is None or one.conditions.ready is not False


def _slice_port(one: EndpointPort) -> str:
    name = f"{clean(one.name, 63)}:" if one.name else ""
    return f"{name}{one.port or '*'}/{clean(one.protocol, 8) or 'TCP'}"
