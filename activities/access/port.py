"""Activities on identities and registered environments."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.approvals.opening import Opening
from domain.approvals.request import ChangeAuthors, Decision, EnvironmentRule, VerifiedIdentity


class IdentityActivities(Protocol):
    """Signatures of the activities; implemented in identities.py."""

    @activity.defn(name="check-decision")
    async def check_decision(self, decision: Decision) -> VerifiedIdentity:
        """What is known of the approver, and whether the signature is theirs. Empty for an unknown person."""
        ...

    @activity.defn(name="environment-rule")
    async def environment_rule(self, name: str, opening: Opening | None = None) -> EnvironmentRule:
        """The registered environment's rule; that of another one says that it is not registered. `opening`: an approval
        begins to wait, and inboxes list it.
        """
        ...


class PeopleActivities(Protocol):
    """Signatures of the activities; implemented in people.py."""

    @activity.defn(name="people-of-change")
    async def people_of_change(self, people: ChangeAuthors, environment: str) -> ChangeAuthors:
        """The people with what the commits say that a deployment to this environment brings."""
        ...

    @activity.defn(name="unowned-addresses")
    async def unowned(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Those that belong to no registered identity."""
        ...
