"""Who may reach whom, as the NetworkPolicies of a cluster declare it; whether anybody enforces them is not told here.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.core.addresses import covers
from domain.core.documents import Node
from domain.inventory.model import ObjectRow
from domain.inventory.selectors import Labels, Selector, selector_of

NAMED, HIGHEST_PORT = 0, 65_535
"""0 stands for ports that only a name is known of."""
PROTOCOLS = ("TCP", "UDP", "SCTP")
MOST_NAMED = 3
"""Ports that a sentence names."""


@dataclass(frozen=True, order=True)
class Ports:
    """Ports of a protocol, both ends included."""

    protocol: str
    low: int = NAMED
    high: int = HIGHEST_PORT

    def __str__(self) -> str:
        """`5432/TCP`, `8000-8100/TCP`, `all/UDP`, `named/TCP`."""
        if self.low == NAMED:
            return f"{'all' if self.high == HIGHEST_PORT else 'named'}/{self.protocol}"
        return f"{self.low if self.low == self.high else f'{self.low}-{self.high}'}/{self.protocol}"


EVERY_PORT = frozenset(Ports(one) for one in PROTOCOLS)


@dataclass(frozen=True)
class PolicyPort:
    """A port of a rule. `port`: a number, or the name that a container gives to one; empty: each of the protocol."""

    protocol: str = "TCP"
    port: str = ""
    end: int = 0
    """Last port of a range; 0: it is one port."""

    def ports(self, named: Mapping[str, Ports] | None) -> Ports | None:
        """As numbers; None: the pod has no such port. `named`: those of the pod that is reached; None: not known."""
        if not self.port:
            return Ports(self.protocol)
        if self.port.isdecimal():
            low = min(int(self.port), HIGHEST_PORT)
            return Ports(self.protocol, low, max(low, min(self.end, HIGHEST_PORT)))
        if named is None:
            return Ports(self.protocol, NAMED, NAMED)
        found = named.get(self.port)
        return found if found is not None and found.protocol == self.protocol else None


@dataclass(frozen=True)
class Peer:
    """One element of `from` or `to`."""

    pods: Selector | None = None
    namespaces: Selector | None = None
    """None: the policy's own namespace."""
    block: str = ""
    """CIDR; what is in the cluster is not known by its address here."""
    holes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule of a direction. No peers: everybody; no ports: each port."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[PolicyPort, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A NetworkPolicy. A direction is None where the policy says nothing of it, and closed where it has no rule."""

    namespace: str
    name: str
    pods: Selector = Selector()
    ingress: tuple[Rule, ...] | None = None
    egress: tuple[Rule, ...] | None = None
    cut: bool = False
    """It has more rules or peers than are known: more may be allowed than is said here."""


@dataclass(frozen=True, kw_only=True)
class End:
    """One side of a connection: pods that are alike, or an address outside of the cluster."""

    namespace: str = ""
    name: str = ""
    labels: Labels = field(default_factory=dict)
    namespace_labels: Labels = field(default_factory=dict)
    named: Mapping[str, Ports] | None = None
    """Named ports of its containers; None: they are not known."""
    address: str = ""
    """Outside of the cluster; labels and namespace are empty then."""


class Answer(StrEnum):
    """How much of a connection is declared to be allowed."""

    ALL = "all"
    SOME = "some"
    """Some ports, or some of the pods."""
    NONE = "none"


@dataclass(frozen=True)
class Reach:
    """What one end may do with another. Empty names: no policy is about that side, so it is open."""

    ports: frozenset[Ports]
    egress_by: tuple[str, ...] = ()
    """Policies that close or open the way out of the source, as `NAMESPACE/NAME`."""
    ingress_by: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        """All, some or no ports."""
        if not self.ports:
            return Answer.NONE
        return Answer.ALL if self.ports >= EVERY_PORT else Answer.SOME

    @property
    def named_ports(self) -> str:
        """`5432/TCP, 9187/TCP`; empty: all, or none."""
        if self.answer is not Answer.SOME:
            return ""
        words = [str(one) for one in sorted(self.ports)]
        more = f", and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
        return ", ".join(words[:MOST_NAMED]) + more


def policy_of(row: ObjectRow) -> Policy:
    """From a row of kind NetworkPolicy."""
    said = Node(row.details)
    types = said["types"].texts()
    return Policy(
        namespace=row.namespace,
        name=row.name,
        pods=selector_of(said["selector"].value),
        ingress=tuple(_rule(one) for one in said["ingress"]) if "Ingress" in types else None,
        egress=tuple(_rule(one) for one in said["egress"]) if "Egress" in types else None,
        cut=bool(said["cut"]) or any(bool(one["cut"]) for way in ("ingress", "egress") for one in said[way]),
    )


def _rule(said: Node) -> Rule:
    return Rule(tuple(_peer(one) for one in said["peers"]), tuple(_port(one) for one in said["ports"].texts()))


def _port(text: str) -> PolicyPort:
    """`8080/TCP`, `http/TCP`, `8080-8090/TCP`, `*/UDP`."""
    port, _, protocol = text.rpartition("/")
    low, dash, high = port.partition("-")
    if dash and low.isdecimal() and high.isdecimal():
        return PolicyPort(protocol, low, int(high))
    return PolicyPort(protocol, "" if port == "*" else port)


def _peer(said: Node) -> Peer:
    of = said["of"].text()
    return Peer(
        pods=selector_of(said["pods"].value) if of in ("pods", "pods-in-namespaces") else None,
        namespaces=selector_of(said["namespaces"].value) if of in ("namespaces", "pods-in-namespaces") else None,
        block=said["cidr"].text() if of == "network" else "",
        holes=tuple(said["excepted"].texts()),
    )


def reaches(policies: Iterable[Policy], source: End, target: End) -> Reach:
    """What the source may open to the target. Both directions must allow a port; where no policy selects a side, that
    side allows all. Pods always reach themselves, and their node reaches them: neither is asked about here.
    """
    every = tuple(policies)
    out = [one for one in every if one.egress is not None and _selects(one, source)]
    into = [one for one in every if one.ingress is not None and _selects(one, target)]
    return Reach(
        _both(_opened(out, "egress", target, target), _opened(into, "ingress", source, target)),
        tuple(f"{one.namespace}/{one.name}" for one in out),
        tuple(f"{one.namespace}/{one.name}" for one in into),
    )


def isolated(policies: Iterable[Policy], end: End) -> bool:
    """Whether some policy closes the way in to it."""
    return any(one.ingress is not None and _selects(one, end) for one in policies)


def _selects(policy: Policy, end: End) -> bool:
    return not end.address and policy.namespace == end.namespace and policy.pods.matches(end.labels)


def _opened(selecting: Sequence[Policy], way: str, other: End, target: End) -> frozenset[Ports]:
    if not selecting:
        return EVERY_PORT
    return _merged(one for policy in selecting for one in _of_rules(policy, getattr(policy, way), other, target))


def _of_rules(policy: Policy, rules: Iterable[Rule], other: End, target: End) -> Iterator[Ports]:
    for rule in rules:
        if not rule.peers or any(_is(peer, policy, other) for peer in rule.peers):
            yield from EVERY_PORT if not rule.ports else filter(None, (one.ports(target.named) for one in rule.ports))


def _is(peer: Peer, policy: Policy, other: End) -> bool:
    if peer.block or other.address:
        return _holds(peer, other.address)
    if peer.namespaces is None and peer.pods is None:
        return False
    if peer.namespaces is None:
        near = other.namespace == policy.namespace
    else:
        near = peer.namespaces.matches(other.namespace_labels)
    return near and (peer.pods is None or peer.pods.matches(other.labels))


def _holds(peer: Peer, address: str) -> bool:
    """Whether its range holds an address; what is no range holds none."""
    if not (peer.block and address):
        return False
    try:
        return covers(peer.block, address) and not any(covers(hole, address) for hole in peer.holes)
    except ValueError:
        return False


def _merged(found: Iterable[Ports]) -> frozenset[Ports]:
    """Without overlaps and without neighbours that are one range."""
    kept: list[Ports] = []
    for one in sorted(found):
        last = kept[-1] if kept else None
        if last is not None and last.protocol == one.protocol and one.low <= last.high + 1:
            kept[-1] = Ports(one.protocol, last.low, max(last.high, one.high))
        else:
            kept.append(one)
    return frozenset(kept)


def _both(some: frozenset[Ports], others: frozenset[Ports]) -> frozenset[Ports]:
    if others is EVERY_PORT or some is EVERY_PORT:
        return some if others is EVERY_PORT else others
    shared = (
        Ports(one.protocol, max(one.low, other.low), min(one.high, other.high))
        for one in some
        for other in others
        if one.protocol == other.protocol
    )
    return _merged(one for one in shared if one.low <= one.high)
