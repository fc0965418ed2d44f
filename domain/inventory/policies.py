"""Rows of network policies: whom they let in and out, as plain details."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from domain.inventory.details import MOST_ITEMS
from domain.inventory.model import Health, ObjectRow
from domain.inventory.network_details import NetworkPolicyDetails, Peer, PolicyRule
from domain.inventory.network_shapes import NetworkPolicy, PolicyPeer, PolicyPort
from domain.inventory.scene import Scene, is_ours, row
from domain.inventory.texts import clean, selector, texts

DIRECTIONS = ("Ingress", "Egress")
EXPIRES = "sluiceway.dev/expires"


def policy_row(one: NetworkPolicy, scene: Scene) -> ObjectRow:
    """NetworkPolicy. Its status is the directions that it is about."""
    spec = one.spec
    types = [kind for kind in DIRECTIONS if kind in (spec.policy_types or ())]
    ingress, egress = spec.ingress or (), spec.egress or ()
    details: NetworkPolicyDetails = {
        "selector": selector(spec.pod_selector),
        "types": types,
        "ingress": [_rule(each.from_, each.ports) for each in islice(ingress, MOST_ITEMS)],
        "egress": [_rule(each.to, each.ports) for each in islice(egress, MOST_ITEMS)],
        "ours": is_ours(one.metadata),
        "expires": clean((one.metadata.annotations or {}).get(EXPIRES)),
        "cut": max(len(ingress) - MOST_ITEMS, 0) + max(len(egress) - MOST_ITEMS, 0),
    }
    return row(scene, "NetworkPolicy", one.metadata, Health.HEALTHY, ",".join(types) or "None", {**details})


def _rule(peers: Sequence[PolicyPeer] | None, ports: Sequence[PolicyPort] | None) -> PolicyRule:
    made: PolicyRule = {}
    if peers:
        made["peers"] = [_peer(one) for one in islice(peers, MOST_ITEMS)]
    if ports:
        made["ports"] = [_port(one) for one in islice(ports, MOST_ITEMS)]
    if peers and len(peers) > MOST_ITEMS:
        made["cut"] = len(peers) - MOST_ITEMS
    return made


def _peer(one: PolicyPeer) -> Peer:
    if one.ip_block:
        network: Peer = {"of": "network", "cidr": clean(one.ip_block.cidr, 64)}
        if one.ip_block.except_:
            network["excepted"] = texts(one.ip_block.except_)
        return network
    made: Peer = {"of": "pods"}
    if one.pod_selector is not None:
        made["pods"] = selector(one.pod_selector)
    if one.namespace_selector is not None:
        made["of"] = "namespaces" if one.pod_selector is None else "pods-in-namespaces"
        made["namespaces"] = selector(one.namespace_selector)
    return made


def _port(one: PolicyPort) -> str:
    port = "*" if one.port is None else clean(str(one.port), 63)
    return f"{port}{f'-{one.end_port}' if one.end_port else ''}/{clean(one.protocol, 8) or 'TCP'}"
