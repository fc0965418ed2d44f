"""The DNS of a cluster, where pods look for it: the service `kube-dns`, at an address that kubelets tell them."""

from __future__ import annotations

from domain.clusters.beside.outside import address, rights, rule
from domain.core.documents import Manifest, Node

NAMESPACE, NAME = "kube-system", "kube-dns"
USER = "sluiceway:dns"
PORT = 53
"""Policies that let names through name it, and they see the port behind the service: no other will do."""
TCP, UDP = "dns-tcp", "dns"


def objects(where: str, ip: str) -> list[Manifest]:
    """Its rights, its Service and its slice. `where`: the program's address; `ip`: the service's own."""
    service, behind = address(NAMESPACE, NAME, where, {TCP: (PORT, PORT)})
    udp: Manifest = {"name": UDP, "protocol": "UDP", "port": PORT}
    offered = [{**udp, "targetPort": PORT}, *(one.object() for one in Node(service).at("spec", "ports"))]
    return [
        *rights(USER, [rule("", "services", "pods", "namespaces"), rule("discovery.k8s.io", "endpointslices")]),
        {**service, "spec": {"clusterIP": ip, "ports": offered}},
        {**behind, "ports": [udp, *(one.object() for one in Node(behind)["ports"])]},
    ]
