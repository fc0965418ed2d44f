"""Whether a namespace is isolated, as pods find out: what was to be expected, what was seen, and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Isolation(StrEnum):
    """What the probe of a namespace's network showed."""

    ENFORCED = "enforced"
    NOT_ENFORCED = "not enforced"
    OPEN = "open"
    """Nothing isolates it, as its definition says."""
    BROKEN = "broken"
    """Even its own pods do not reach each other."""


@dataclass(frozen=True)
class Reached:
    """What two pods got to of a third one: a neighbour in its namespace, and a stranger in another."""

    neighbour: bool
    stranger: bool


@dataclass(frozen=True)
class Verdict:
    """What the probe showed, and the sentence that says so to people."""

    isolation: Isolation
    words: str


def verdict(reached: Reached, isolated: bool, plugin: str) -> Verdict:
    """`isolated`: whether policies are there that deny. Who carries them out is the network plugin."""
    if not reached.neighbour:
        words = "pods of the namespace cannot reach each other: the network plugin does not work, or a policy denies it"
        return Verdict(Isolation.BROKEN, words)
    if not isolated:
        return Verdict(Isolation.OPEN, "no policy isolates it: pods of other namespaces can reach its pods")
    if reached.stranger:
        words = f"policies deny it, but a pod of another namespace gets in: not enforced by {plugin or 'the plugin'}"
        return Verdict(Isolation.NOT_ENFORCED, words)
    return Verdict(Isolation.ENFORCED, "a pod of another namespace is blocked, one of the same namespace is not")
