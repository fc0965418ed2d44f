"""Who has to agree to a request: the environment that its namespace is registered for says so, else one who may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.authority.request_rules import rule_there
from domain.clusters.requests import ClusterRequest
from domain.core.values import number

if TYPE_CHECKING:
    from workers.client.on_engine.parts import EngineParts


@dataclass(frozen=True)
class Agreement:
    """Whose rule counts, and what it says."""

    environment: str
    """Empty: none is registered for the namespace."""
    words: str


def agreement_of(parts: EngineParts, asked: ClusterRequest) -> Agreement:
    """Of several environments in one namespace the one that demands most."""
    from activities.access.environments import Environments

    environments = Environments(parts.records.definitions, parts.settings.open_environments)
    rule = rule_there(map(environments.rule, environments.names()), asked)
    if rule is None:
        return Agreement("", f"one who may approve in cluster {asked.cluster}, and has not asked for it")
    each = "".join(f", {count} from group {group}" for group, count in sorted(rule.per_group.items()))
    return Agreement(rule.name, f"{number(max(rule.quorum, 1), 'approval')}{each}, as environment {rule.name} demands")
