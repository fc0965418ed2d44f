"""Whether a namespace is isolated, as tested from its pods: expectation, observation, verdict."""

from __future__ import annotations

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


def verdict(reached: Reached, isolated: bool, plugin: str) -> Verdict:
    """`isolated`: whether default-deny policies exist. Enforcing them is up to the network plugin."""
    if not reached.neighbour:
        words = "pods of the namespace cannot reach each other: the network plugin does not work, or a policy denies it"
        return Verdict(Isolation.BROKEN, words)
    if not isolated:
        return Verdict(Isolation.OPEN, "no policy isolates it: pods of other namespaces can reach its pods")
    if reached.stranger:
        words = f"a pod of another namespace gets in despite its policies: not enforced by {plugin or 'the plugin'}"
        return Verdict(Isolation.NOT_ENFORCED, words)
    return Verdict(Isolation.ENFORCED, "a pod of another namespace is blocked, one of the same namespace is not")
