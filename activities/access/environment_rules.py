"""What registered environments demand, from the records."""

from __future__ import annotations

from activities.storage.records import Records
from domain.approvals.request import EnvironmentRule, Trust


def rule_of(records: Records, name: str) -> EnvironmentRule:
    body = records.definition("Environment", name) if name else None
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
