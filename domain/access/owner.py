"""What the owner of the home may do in it: a decision that needs no policies and no records."""

from __future__ import annotations

from collections.abc import Sequence

from domain.access.attributes import Objection
from domain.access.principal import Caller, PrincipalKind
from domain.access.verdict import Layer, Verdict

OWNERS_CHANNELS = frozenset({"cli", "effect"})
"""Where the owner of the home can be: in the home itself, and as the starter of a run."""


def is_owner(caller: Caller) -> bool:
    """Whether it is the owner of the home, in the home."""
    return caller.principal.kind == PrincipalKind.OWNER and caller.channel in OWNERS_CHANNELS


def of_owner(caller: Caller, action: str, resource: str, now: float, objections: Sequence[Objection] = ()) -> Verdict:
    """In the home itself its owner may do everything; nobody else may do anything without being asked about.

    What the owner has registered as a policy of pushes holds for the owner's own runs, too.
    """
    allowed = is_owner(caller)
    if allowed and objections:
        first = min(objections, key=lambda one: one.rule)
        return Verdict(
            allowed=False,
            action=action,
            principal=caller.principal.id,
            resource=resource,
            layer=Layer.PBAC,
            rule=first.rule,
            reason=first.why,
            missing=f"that {first.rule} no longer forbids it",
            at=now,
        )
    return Verdict(
        allowed=allowed,
        action=action,
        principal=caller.principal.id,
        resource=resource,
        layer=Layer.OWNER if allowed else Layer.DEFAULT,
        rule="owner/home" if allowed else "default/deny",
        reason="the owner of a home may do everything in it" if allowed else "only the owner of this home may do this",
        at=now,
    )
