"""Activities on identities and registered environments."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.approvals.request import Decision, EnvironmentRule, VerifiedIdentity


class IdentityActivities(Protocol):
    """Signatures of the activities; implemented in identities.py."""

    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> VerifiedIdentity:
        """What is known of the approver, and whether the signature is theirs. Empty for an unknown person."""
        ...

    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str) -> EnvironmentRule:
        """The registered environment's rule; an unregistered one only requires signatures."""
        ...
