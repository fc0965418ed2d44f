"""What workflows ask of identities: names and types only, so that no workflow loads a cryptography library."""

from __future__ import annotations

from temporalio import activity

from domain.approvals.request import Checked, Decision, EnvironmentRule


class CheckDecision:
    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> Checked:
        raise NotImplementedError("activities.access.identities implements it")


class EnvironmentRules:
    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str) -> EnvironmentRule:
        raise NotImplementedError("activities.access.identities implements it")
