"""What a cluster on this machine has beside its nodes: names, metrics, enforced policies, a gateway, a registry."""

from __future__ import annotations

import ipaddress
from collections.abc import Container, Iterator, Mapping
from enum import StrEnum

from domain.clusters.phase import Phase


class Role(StrEnum):
    """What a part is for. A cluster has at most one of each."""

    DNS = "dns"
    """Names of services, in `cluster.local`."""
    METRICS = "metrics"
    """The API metrics.k8s.io: what pods and nodes use now."""
    FIREWALL = "firewall"
    """Enforces network policies."""
    GATEWAY = "gateway"
    """A controller of the Gateway API."""
    REGISTRY = "registry"
    """Images for this cluster: the engine pushes, the nodes pull."""
    STORAGE = "storage"
    """A CSI driver: volumes that are made, grow, and are copied as snapshots."""


PROGRAMS: Mapping[Role, tuple[str, ...]] = {
    Role.DNS: ("coredns",),
    Role.METRICS: ("metrics-server",),
    Role.FIREWALL: ("kube-router",),
    Role.GATEWAY: ("traefik", "istio"),
    Role.REGISTRY: ("docker-registry",),
    Role.STORAGE: ("csi-files",),
}
"""What can take a role; the first one does when none is named."""
PHASES = {Role.DNS: Phase.NODES, Role.FIREWALL: Phase.NODES, Role.STORAGE: Phase.NODES}
"""When a part starts, if not with the add-ons: a new node needs these, too, and its last pods do."""
PROVIDERS = ("host",)
"""The providers that run parts. Elsewhere the same is installed as an add-on, or the provider brings it."""
MEMORY_MB: Mapping[str, int] = {
    "coredns": 100,
    "metrics-server": 100,
    "kube-router": 100,
    "traefik": 200,
    "istio": 400,
    "docker-registry": 100,
    "csi-files": 250,
}
"""Resident memory of a part's programs, rounded up, with room for growth; of the firewall, on each node."""
LABEL = "sluiceway.dev/part"
"""On each object of a part: its role."""
DOMAIN = "cluster.local"
DNS_INDEX = 10
"""By custom the DNS of a cluster has the tenth address of the services' range."""


def phase_of(role: str) -> Phase:
    """The phase that starts, and with whose undoing ends, a role."""
    return PHASES.get(Role(role), Phase.ADD_ONS)


def memory_mb(wanted: Mapping[str, str], begun: Container[str], nodes: int, new: int) -> int:
    """What parts will take beside those that have begun. `nodes`: of the cluster; `new`: those that have not begun."""
    found = 0
    for role, program in wanted.items():
        more, all_ = (new, nodes) if role == Role.FIREWALL else (0, 1)
        found += MEMORY_MB.get(program, 0) * (more if role in begun else all_)
    return found


def machine_address(nodes: str) -> str:
    """The address of this machine in a range of nodes: parts listen there, and reach pods of other nodes from it."""
    return str(ipaddress.ip_network(nodes)[1])


def dns_address(services: str) -> str:
    """The address of the DNS service in a range of services."""
    return str(ipaddress.ip_network(services)[DNS_INDEX])


def chosen(text: str) -> dict[str, str]:
    """Parts of a command line by role: `dns,metrics,gateway=traefik`.

    Raises:
        ValueError: an unknown role, an unknown program, or a role twice.
    """
    found: dict[str, str] = {}
    for word in filter(None, (one.strip() for one in text.split(","))):
        role, _, program = word.partition("=")
        if role in found:
            raise ValueError(f"'{role}' is given twice")
        found[role] = program or (PROGRAMS[Role(role)][0] if role in set(Role) else "")
        if wrong := unknown(role, found[role]):
            raise ValueError(wrong)
    return found


def unknown(role: str, program: str) -> str:
    """Why there is no such part; empty: there is."""
    if role not in set(Role):
        return f"'{role}' is no part of a cluster; there are {', '.join(Role)}"
    if program not in PROGRAMS[Role(role)]:
        return f"'{program}' cannot be its {role}; there is {', '.join(PROGRAMS[Role(role)])}"
    return ""


def complaints(provider: str, wanted: Mapping[str, str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Invalid parts, each with the path of the key at fault."""
    for role, program in wanted.items():
        if wrong := unknown(role, program):
            yield ("parts", role), wrong
        elif provider not in PROVIDERS:
            yield ("parts", role), f"the provider {provider} runs no parts beside the nodes, only {PROVIDERS[0]} does"
