"""A signer that permits everything: for rehearsals and for tests of what is done with a permit."""

from __future__ import annotations

import time
from collections.abc import Callable

from activities.authority.port import Orders, Permits, PlanStatement, RunStatement
from domain.access.keys import KeyProof
from domain.approvals.request import Decision, EnvironmentRule, VerifiedIdentity
from domain.authority.cluster_orders import Order
from domain.authority.permit import LIFE_S, Claim, Permit, SignedPermit


class Everything(Permits, Orders):
    """Verifies nothing and signs nothing. The wiring of an engine never uses it."""

    def __init__(
        self,
        identity: Callable[[Decision], VerifiedIdentity] = lambda decision: VerifiedIdentity(),
        rule: Callable[[str], EnvironmentRule] = lambda name: EnvironmentRule(name=name),
    ) -> None:
        """`identity`, `rule`: what is known of people and environments."""
        self._identity, self._rule = identity, rule

    def plan(self, said: PlanStatement) -> None:
        """Believed."""

    def begin(self, said: RunStatement) -> None:
        """Believed."""

    def end(self, run: str) -> None:
        """Believed."""

    def decision(self, decision: Decision) -> VerifiedIdentity:
        """As it was handed in."""
        return self._identity(decision)

    def rule(self, environment: str) -> EnvironmentRule:
        """As it was handed in."""
        return self._rule(environment)

    def order(self, said: Order, proof: KeyProof | None = None) -> None:
        """Believed."""

    def permit(self, claim: Claim) -> SignedPermit:
        """A permit without a signature."""
        now = int(time.time())
        permit = Permit(
            effect=claim.effect,
            subject=claim.subject,
            digest=claim.digest,
            run=claim.run,
            job=claim.job,
            attempt=claim.attempt,
            action=claim.action,
            share=claim.share,
            basis="rehearsal",
            made_at=now,
            expires_at=now + LIFE_S,
        )
        return SignedPermit(permit, "")
