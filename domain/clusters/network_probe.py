"""Whether a namespace is isolated, as tested from its pods: expectation, observation, verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Isolation(StrEnum):
    """The result of a network probe."""

    ENFORCED = "enforced"
    NOT_ENFORCED = "not enforced"
    OPEN = "open"
    """Not isolated, as defined."""
    BROKEN = "broken"
    """Not even its own pods reach each other."""


@dataclass(frozen=True)
class Reached:
    """What two pods reached of a third one: a pod of the same namespace, and a pod of another namespace."""

    neighbour: bool
    stranger: bool


@dataclass(frozen=True)
class Verdict:
    """The result of a probe, and the sentence that tells people."""

    isolation: Isolation
    words: str


ENFORCERS = {
    "antrea-agent": "Antrea",
    "calico-node": "Calico",
    "canal": "Calico",
    "cilium": "Cilium",
    "kube-router": "kube-router",
    "kube-network-policies": "kube-network-policies",
    "weave-net": "Weave Net",
}
"""Who enforces policies, by the name of its DaemonSet, as its makers ship it."""


def enforcer(plugin: str, firewall: str, daemons: Iterable[str]) -> str:
    """Who is there to enforce policies: a part of the cluster, a DaemonSet, or else its network plugin; as text.

    `daemons`: the names of all DaemonSets.
    """
    return firewall or seen(daemons) or plugin or "the network plugin"


def seen(daemons: Iterable[str]) -> str:
    """Who enforces policies, by the names of all DaemonSets; empty: none that is known."""
    return next((ENFORCERS[name] for name in sorted(daemons) if name in ENFORCERS), "")


def verdict(reached: Reached, isolated: bool, by: str) -> Verdict:
    """`isolated`: whether default-deny policies exist; `by`: who is to enforce them."""
    if not reached.neighbour:
        words = f"pods of the namespace cannot reach each other: {by} does not work, or a policy denies it"
        return Verdict(Isolation.BROKEN, words)
    if not isolated:
        return Verdict(Isolation.OPEN, "no policy isolates it: pods of other namespaces can reach its pods")
    if reached.stranger:
        words = f"a pod of another namespace gets in despite its policies: not enforced by {by}"
        return Verdict(Isolation.NOT_ENFORCED, words)
    words = f"a pod of another namespace is blocked by {by}, one of the same namespace is not"
    return Verdict(Isolation.ENFORCED, words)
