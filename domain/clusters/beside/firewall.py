"""The rights of the programs that enforce network policies beside each node's bridge."""

from __future__ import annotations

from domain.clusters.beside.outside import rights, rule
from domain.core.documents import Manifest

USER = "sluiceway:firewall"


def objects() -> list[Manifest]:
    """It reads only: which pods a policy names, and where they and the services are."""
    return rights(
        USER,
        [
            rule("", "namespaces", "pods", "services", "nodes", "endpoints"),
            rule("discovery.k8s.io", "endpointslices"),
            rule("networking.k8s.io", "networkpolicies"),
        ],
    )
