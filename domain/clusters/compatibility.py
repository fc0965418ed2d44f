"""What of a cluster fits together, said before anything is made: the same that a provider's preflight would find.

Each complaint has the path of the key at fault, as `domain.clusters.spec.complaints` gives them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.clusters.parts import PROVIDERS, Role
from domain.clusters.spec import ClusterSpec, Network

Path = tuple[str | int, ...]
ENFORCERS = ("calico", "cilium", "weave")
"""Network plugins that enforce policies."""
MOST_NAMED = 5
"""Of what overlaps, in one remark."""
RANGES = ("pods", "services", "nodes")


@dataclass(frozen=True)
class Remark:
    """One thing that does not fit. `prevents` False: it is made, and does less than it seems to."""

    path: Path
    words: str
    prevents: bool = True


def choices(provider: str) -> Mapping[str, tuple[str, ...]]:
    """What a provider takes where it does not take everything; by the key of a cluster."""
    found: dict[str, tuple[str, ...]] = {}
    if provider in ("host", "kwok"):
        found["runtime"] = ("containerd",)
    if provider in ("host", "kind"):
        found["plugin"] = ("bridge",)
    if provider not in PROVIDERS:
        found |= {str(role): () for role in Role}
    return found


def remarks(spec: ClusterSpec) -> Iterator[Remark]:
    """What of one cluster does not fit together, beyond what `complaints` of its definition says."""
    known = choices(spec.provider)
    for key, value, path in (
        ("runtime", spec.runtime, ("runtime",)),
        ("plugin", spec.network.plugin, ("network", "plugin")),
    ):
        if key in known and value not in known[key]:
            yield Remark(path, f"the provider {spec.provider} has {known[key][0]}, and no {value}")
    if spec.add_ons and not spec.connection.get("add-ons"):
        words = f"the manifests of {', '.join(spec.add_ons)} are missing: connection.add-ons names no folder"
        yield Remark(("connection", "add-ons"), words)
    if spec.provider == "cluster-api" and not spec.version:
        yield Remark(("version",), "the Cluster API has no default version")
    for key in {"cluster-api": ("management", "class"), "terraform": ("module",)}.get(spec.provider, ()):
        if not spec.connection.get(key):
            yield Remark(("connection", key), f"the provider {spec.provider} needs connection.{key}")
    yield from _weaker(spec)


def _weaker(spec: ClusterSpec) -> Iterator[Remark]:
    enforced = spec.network.plugin in ENFORCERS or Role.FIREWALL in spec.parts
    if spec.network.isolated and not enforced:
        words = f"nothing enforces policies: {spec.network.plugin} does not, and there is no part firewall"
        yield Remark(("network", "isolated"), words, prevents=False)
    if spec.scaling and Role.METRICS not in spec.parts and spec.provider in PROVIDERS:
        yield Remark(("scaling",), "autoscalers need figures of pods: there is no part metrics", prevents=False)
    if spec.parts.get(Role.GATEWAY) == "istio" and "istio" in spec.add_ons:
        yield Remark(("mesh",), "the gateway is Istio's already: its mesh would be a second one", prevents=False)


def overlaps(network: Network, others: Mapping[str, Network]) -> Iterator[Remark]:
    """Ranges that other clusters have, too: what is routed between two of them goes astray. One remark a range.

    `others` by cluster.
    """
    theirs = [(name, word, net) for name, one in sorted(others.items()) for word, net in _ranges(one)]
    for word, net in _ranges(network):
        known = [
            f"{name} ({their} {taken})"
            for name, their, taken in theirs
            if net.version == taken.version and net.overlaps(taken)
        ]
        if known:
            more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
            words = f"the {word} range {net} overlaps ranges of other clusters: {', '.join(known[:MOST_NAMED])}{more}"
            yield Remark(("network", word), words, prevents=False)


def _ranges(network: Network) -> Iterator[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network]]:
    for word in RANGES:
        try:
            yield word, ipaddress.ip_network(getattr(network, word))
        except ValueError:
            continue


def free_network(others: Mapping[str, Network]) -> Network:
    """Ranges that no other cluster has: pods 10.N.0.0/16, services 10.M.0.0/16, nodes 10.99.K.0/24 or
    172.30.K.0/24; the first that fit.

    Where none is left, those that a definition has by default.
    """
    taken = [net for one in others.values() for _, net in _ranges(one)]

    def first(candidates: Iterator[str], default: str) -> str:
        for text in candidates:
            net = ipaddress.ip_network(text)
            if not any(net.version == known.version and net.overlaps(known) for known in taken):
                taken.append(net)
                return text
        return default

    pods = (f"10.{number}.0.0/16" for number in (*range(244, 256), *range(128, 244)))
    services = (f"10.{number}.0.0/16" for number in range(96, 128) if number != 99)
    nodes = (f"{first}.{number}.0/24" for first in ("10.99", "172.30") for number in range(256))
    whole = Network()
    return Network(first(pods, whole.pods), first(services, whole.services), first(nodes, whole.nodes))
