"""What registered environments demand, from the records."""

from __future__ import annotations

from activities.access.definition_store import DefinitionStore
from domain.approvals.request import EnvironmentRule, Trust


def rule_of(definitions: DefinitionStore, name: str) -> EnvironmentRule:
    """The approval rule of a registered environment; the defaults for one that is not registered."""
    body = definitions.get("Environment", name) if name else None
    if body is None:
        return EnvironmentRule(name)
    approval = body["approval"]
    allow = approval["allow"]
    return EnvironmentRule(
        name,
        tuple(approval["users"]),
        tuple(approval["groups"]),
        approval["quorum"],
        dict(approval["per_group"]),
        Trust(body["trust"]),
        allow["author"],
        allow["committer"],
        allow["starter"],
        approval["max_expires"],
    )
