"""The one decision: may a principal do something with a resource, now, and which rule says so."""

from __future__ import annotations

from domain.access.actions import Action
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import Resource
from domain.access.verdict import Layer, Verdict

OWNERS_CHANNELS = frozenset({"cli", "effect"})
"""Where the owner of the home can be: in the home itself, and as the starter of a run."""


def of_owner(caller: Caller, action: Action, resource: Resource, now: float) -> Verdict | None:
    """In the home itself its owner may do everything. None: this is not the owner."""
    if caller.principal.kind != PrincipalKind.OWNER or caller.channel not in OWNERS_CHANNELS:
        return None
    return Verdict(
        allowed=True,
        action=action,
        principal=caller.principal.id,
        resource=resource.id,
        layer=Layer.OWNER,
        rule="owner/home",
        reason="whoever runs commands in the home as its owner may do everything there",
        at=now,
    )


def nothing_permits(caller: Caller, action: Action, resource: Resource, now: float) -> Verdict:
    """The default is closed."""
    return Verdict(
        allowed=False,
        action=action,
        principal=caller.principal.id,
        resource=resource.id,
        layer=Layer.DEFAULT,
        rule="default/deny",
        reason="nothing permits it",
        missing=f"a role with {action} on {resource.id} or on what it belongs to",
        at=now,
    )
