"""What registered policies say against something, for the one decision: each policy that objects, by its name."""

from __future__ import annotations

from collections.abc import Callable

from domain.access.attributes import Objection
from domain.policy import refusals
from domain.policy.policy import PolicyFor

FORK = "engine/fork"
"""The rule that no policy has to name: what comes from another repository."""
Refusal = Callable[[PolicyFor], str]
"""Why something is refused under some policies; empty: it is not."""


def objections(held: PolicyFor, refusal: Refusal) -> tuple[Objection, ...]:
    """Of each policy alone: together they forbid exactly what the joined rules refuse (a property test)."""
    if why := refusal(PolicyFor(held.push)):
        return (Objection(FORK, why),)
    alone = ((one.name, refusal(PolicyFor(held.push, (one,)))) for one in held.policies)
    return tuple(Objection(f"policy/{name}", why) for name, why in alone if why)


def to_start(held: PolicyFor) -> tuple[Objection, ...]:
    """May this push start a run?"""
    return objections(held, lambda alone: next(refusals.of_push(alone), "").partition(": ")[2])


def to_execute(held: PolicyFor, executor: str) -> tuple[Objection, ...]:
    """May this executor run a job of it?"""
    return objections(held, lambda alone: refusals.of_executor(alone, executor))


def to_read(held: PolicyFor, secret: str, environment: str, *, approved: bool) -> tuple[Objection, ...]:
    """May a job of this environment have this secret?"""
    return objections(held, lambda alone: alone.secret(secret, environment, approved=approved))


def to_deploy(held: PolicyFor, *, gated: bool) -> tuple[Objection, ...]:
    """May it be deployed? `gated`: a gate of the plan stands before it."""
    return objections(held, lambda alone: "" if gated else refusals.of_ungated(alone))
