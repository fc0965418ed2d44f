"""What workflows ask of identities and of registered environments."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.approvals.request import Decision, EnvironmentRule, VerifiedIdentity


class IdentityActivities(Protocol):
    """As workflows call them; their implementation is in identities.py."""

    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> VerifiedIdentity:
        """What is known of the approver, and whether the signature is theirs. Empty for somebody unknown."""
        ...

    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str) -> EnvironmentRule:
        """The registered environment; one that is not registered demands signatures and nothing more."""
        ...
