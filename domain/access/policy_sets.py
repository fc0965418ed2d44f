"""Sets of policies (PBAC): versions, and their way from a draft to what holds. Two people, one text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.access.principal import OWNER
from domain.core import names

MAX_TEXT = 100_000
"""Bytes of a set."""
MAX_SETS = 50


class PolicyState(StrEnum):
    """How far a version is."""

    DRAFT = "draft"
    SIMULATED = "simulated"
    """It was tried on recorded decisions."""
    SHADOW = "shadow"
    """Decisions are recorded to be compared with it; it decides nothing."""
    ACTIVE = "active"
    RETIRED = "retired"


BEFORE = {
    PolicyState.SIMULATED: frozenset({PolicyState.DRAFT, PolicyState.SIMULATED, PolicyState.SHADOW}),
    PolicyState.SHADOW: frozenset({PolicyState.SIMULATED}),
    PolicyState.ACTIVE: frozenset({PolicyState.SHADOW}),
    PolicyState.RETIRED: frozenset(PolicyState) - {PolicyState.RETIRED},
}
"""From where a state is reached: nothing becomes active that was not simulated and watched."""


@dataclass(frozen=True, kw_only=True)
class PolicySet:
    """One version of a named set, in Cedar's syntax."""

    name: str
    version: int
    """From 1."""
    state: PolicyState
    text: str
    digest: str
    """Of `digest_of`, as it was drafted."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Somebody brought a version into a state."""

    state: PolicyState
    person: str
    """Id of a principal."""
    digest: str
    """Of what they brought there."""
    at: float
    note: str = ""
    """What the simulation found."""


def digest_of(name: str, version: int, text: str) -> str:
    """SHA-256 in hexadecimal; it binds the text to its name and version."""
    return hashlib.sha256(f"sluiceway policy set v1\n{name}\n{version}\n{text}".encode()).hexdigest()


def text_problem(name: str, text: str) -> str:
    """Why this cannot be drafted; empty: it can, if its policies are valid."""
    if not names.is_name(name):
        return f"{name[:80]!r} is no name: {names.complaint(name)}"
    if not text.strip():
        return "it has no policies; retire it to end what it says"
    return f"it has more than {MAX_TEXT} bytes" if len(text.encode()) > MAX_TEXT else ""


def step_problem(found: PolicySet, steps: Sequence[Step], to: PolicyState, person: str) -> str:
    """Why somebody cannot bring a version into a state; empty: they can.

    Two people: who activates is not who drafted. The owner of a home is alone there.
    """
    if found.state not in BEFORE.get(to, frozenset()):
        wanted = " or ".join(sorted(BEFORE.get(to, frozenset())))
        return f"it is {found.state}, and becomes {to} from {wanted}"
    firsts = {one.person for one in steps if one.state in (PolicyState.DRAFT, PolicyState.SHADOW)}
    if to == PolicyState.ACTIVE and person in firsts and person != OWNER.id:
        return "whoever drafted it or brought it into the shadow does not activate it: a second person does"
    return "" if is_whole(found, steps) else "its text is not the one that was drafted"


def is_whole(found: PolicySet, steps: Sequence[Step]) -> bool:
    """Whether a version is what its people brought to where it is: the text, and each step."""
    if found.digest != digest_of(found.name, found.version, found.text):
        return False
    if any(one.digest != found.digest for one in steps):
        return False
    by = {one.state: one.person for one in steps}
    if PolicyState.DRAFT not in by:
        return False
    if found.state != PolicyState.ACTIVE:
        return True
    return by.get(PolicyState.ACTIVE, by[PolicyState.DRAFT]) != by[PolicyState.DRAFT] or (
        by.get(PolicyState.ACTIVE) == OWNER.id
    )
