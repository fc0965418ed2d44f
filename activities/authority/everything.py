"""A signer that permits everything: for rehearsals and for tests of what is done with a permit."""

from __future__ import annotations

import time

from activities.authority.port import Orders, Permits, PlanStatement, RunStatement
from domain.approvals.request import Decision
from domain.authority.cluster_orders import Order
from domain.authority.permit import LIFE_S, Claim, Permit, SignedPermit


class Everything(Permits, Orders):
    """Verifies nothing and signs nothing. The wiring of an engine never uses it."""

    def plan(self, said: PlanStatement) -> None:
        """Believed."""

    def begin(self, said: RunStatement) -> None:
        """Believed."""

    def end(self, run: str) -> None:
        """Believed."""

    def decision(self, decision: Decision) -> None:
        """Believed."""

    def order(self, said: Order) -> None:
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
