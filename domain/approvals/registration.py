"""Environments that nobody registered: nothing is deployed to them, and nothing is approved for them."""

from __future__ import annotations

from collections.abc import Iterable

from domain.approvals.request import EnvironmentRule
from domain.core import names

UNREGISTERED = "SLW061"
NO_NAME = "SLW060"
MOST_TOLD = 3


def refusal(rule: EnvironmentRule) -> str:
    """Why an environment can neither be deployed to nor approved for, with its code; empty: it can."""
    if rule.registered or not rule.name:
        return ""
    if wrong := names.complaint(rule.name):
        return f"{NO_NAME}: {rule.name[: names.MAX_NAME]!r} cannot be an environment: {wrong}"
    return f"{UNREGISTERED}: environment {rule.name} is not registered; {how(rule.name)}"


def notices(rules: Iterable[EnvironmentRule]) -> tuple[str, ...]:
    """What people read when a run starts that cannot end: one line for each environment, and no more than a few."""
    wrong = tuple(dict.fromkeys(why for rule in rules if (why := refusal(rule))))
    told = tuple(f"its jobs will be refused: {why}" for why in wrong[:MOST_TOLD])
    return (*told, *([f"and {len(wrong) - MOST_TOLD} environments more"] if len(wrong) > MOST_TOLD else []))


def how(name: str) -> str:
    """The command that registers an environment with the closed defaults."""
    return f"register it with `sluiceway environment add {name}`, or `sluiceway apply FILE` for rules of its own"


def least_quorum(quorum: int, *named: object) -> int:
    """The approvals that an environment demands: where it names who may approve, at least one of them is asked."""
    return max(quorum, 1 if any(named) else 0)
