"""What each difference of a live version is, and what is healed of it without asking anybody.

A healed difference is one that a release has applied otherwise: its bytes are known, so nothing is decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.clusters.remediation import HOUR_S, REMEMBERED_S, RepairPolicy, again_s
from domain.core.values import number

LIMITS = RepairPolicy()
"""Those of the automatic repair of clusters: how often in an hour, and how soon again."""
MOST_TOLD = 20
EVERY_S = 60.0
"""How often drift is looked for, where the environment says nothing."""
LEAST_S = 10.0
"""What an API server may be asked, for each version."""


class Kind(StrEnum):
    """Classes of drift."""

    TRAFFIC = "traffic"
    """The route or a Service: requests may go where no release has sent them."""
    WORKLOAD = "workload"
    """Anything else of the version."""
    GONE = "gone"
    FOREIGN = "foreign"
    """It has the version's labels, and no release made it."""
    ADDED = "added"
    """Something in the version's objects or pods that no release has named: an apply does not take it away."""


class Policy(StrEnum):
    """What an environment does about a changed workload."""

    TELL = "tell"
    HEAL = "heal"


@dataclass(frozen=True)
class Finding:
    """One difference. What is expected (an autoscaler's number, status, the server's defaults) is none."""

    kind: Kind
    target: str
    """The object, such as `Deployment shop-r1`."""
    line: str
    """What differs, with who has done it and when."""


def of_object(target: str, lines: Sequence[str], *, gone: bool) -> list[Finding]:
    """The differences of one object of a version."""
    leads = target.partition(" ")[0] in ("Service", "HTTPRoute", "VirtualService")
    kind = Kind.GONE if gone else Kind.TRAFFIC if leads else Kind.WORKLOAD
    return [Finding(kind, target, line) for line in lines]


def left_alone(one: Finding, policy: Policy, *, releasing: bool) -> str:
    """Why a difference is told alone; empty: it may be healed."""
    match one.kind:
        case Kind.FOREIGN:
            return "no release has made it"
        case Kind.ADDED:
            return "no release has named it, so none takes it away"
        case Kind.TRAFFIC:
            return ""
        case Kind.GONE | Kind.WORKLOAD if releasing:
            return "a release is under way"
        case Kind.WORKLOAD if policy is Policy.TELL:
            return "its environment says `drift: tell`"
        case _:
            return ""


@dataclass(frozen=True)
class Healed:
    """When objects were healed, in seconds since the epoch."""

    at: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def refusal(self, target: str, now: float) -> str:
        """Why an object is not healed again now: two managers that set a field in turn must not go on for ever."""
        own = self.at.get(target, ())
        if own and now < max(own) + (wait := again_s(len(own), LIMITS)):
            return f"it was healed {number(len(own), 'time')} lately; the back-off is {wait:.0f} s"
        lately = [one for every in self.at.values() for one in every if one > now - HOUR_S]
        if len(lately) >= LIMITS.actions_an_hour:
            return f"the limit of {number(LIMITS.actions_an_hour, 'action')} per hour is reached"
        return ""

    def with_one(self, target: str, now: float) -> Healed:
        """One more, and none from before the back-off's memory."""
        kept = {name: tuple(one for one in every if one > now - REMEMBERED_S) for name, every in self.at.items()}
        kept = {name: every for name, every in kept.items() if every}
        return replace(self, at={**kept, target: (*kept.get(target, ()), now)})


@dataclass(frozen=True)
class Decided:
    """What is healed, and what is told of everything."""

    heal: tuple[str, ...] = ()
    """Objects, in the order of what was found."""
    lines: tuple[str, ...] = ()
    healed: Healed = Healed()


def decide(found: Sequence[Finding], policy: Policy, healed: Healed, now: float, *, releasing: bool) -> Decided:
    """Each object is healed as a whole: one of its differences that may be healed is enough."""
    heal: list[str] = []
    refused: dict[str, str] = {}
    for one in found:
        if one.target in heal or one.target in refused or left_alone(one, policy, releasing=releasing):
            continue
        if why := healed.refusal(one.target, now):
            refused[one.target] = why
        else:
            heal.append(one.target)
            healed = healed.with_one(one.target, now)
    lines = []
    for one in found[:MOST_TOLD]:
        why = refused.get(one.target) or left_alone(one, policy, releasing=releasing)
        lines.append(f"{one.line} ({one.kind}: {'healed' if one.target in heal else f'told alone, {why}'})")
    return Decided(tuple(heal), tuple(lines), healed)
