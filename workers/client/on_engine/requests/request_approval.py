"""Who has to agree to a request: the environment that its namespace is registered for says so, else one who may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.access.actions import Action
from domain.authority.request_rules import rule_there
from domain.clusters.requests import ClusterRequest
from domain.core.values import number
from domain.inventory.request_plan import RequestPlan
from workers.client.guard import Guard
from workers.client.on_engine.releases.release_rows import environment_resource

if TYPE_CHECKING:
    from workers.client.on_engine.parts import EngineParts

UNSEEN = "those who approve there, by a rule that you may not read"


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


async def readable_environments(guard: Guard, names: Iterable[str]) -> frozenset[str]:
    """Those of these that the caller may read: a request tells nobody else their names and rules."""
    asked = sorted({name for name in names if name})
    pairs = [(Action.ENVIRONMENTS_READ, environment_resource(name)) for name in asked]
    verdicts = await asyncio.to_thread(guard.verdicts, pairs)
    return frozenset(name for name, verdict in zip(asked, verdicts, strict=True) if verdict.allowed)


async def shown_to(guard: Guard, plan: RequestPlan) -> RequestPlan:
    """The plan as the caller may see it."""
    name = plan.request.environment
    if not name or await readable_environments(guard, [name]):
        return plan
    return replace(plan, request=replace(plan.request, environment=""), approval=UNSEEN if plan.approval else "")
