"""Approvals in memory: a decision counts once an approver has made it; signatures are not checked."""

from __future__ import annotations

from dataclasses import replace

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.approvals.request import Decision
from domain.core.errors import RefusedError, SluicewayError
from tests.support.memory_client.world import NOW, World, listed, readable, resource
from workers.client.guard import Guard
from workers.client.ports.approvals import Answer, ApprovalDetails, ApprovalRow, DecisionRow
from workers.client.ports.pages import Page, PageOf


class MemoryApprovals:
    """Implements `Approvals`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def inbox(self, page: PageOf, *, mine: bool = True) -> Page[ApprovalRow]:
        """Open requests, oldest first."""
        open_ = [one.row for one in self._world.approvals.values() if one.outcome == "pending"]
        rows = [row for row in open_ if (row.mine or not mine) and readable(self._guard, row)]
        return listed(rows, lambda row: (row.opened_at, row.id), page, str(mine))

    async def show(self, id_: str) -> ApprovalDetails:
        """Raises SLW907."""
        return self._allowed(Action.APPROVALS_READ, id_)

    def _allowed(self, action: Action, id_: str) -> ApprovalDetails:
        found = self._world.approvals.get(id_)
        if found is None:
            raise SluicewayError("SLW907", f"Temporal has no open {id_}")
        self._guard.need(action, resource(ResourceKind.RUN, found.row.run, pipeline=found.row.pipeline))
        return found

    async def decide(self, id_: str, decision: Decision, digest: str) -> Answer:
        """Raises SLW447 for another digest."""
        found = self._allowed(Action.APPROVALS_READ, id_)
        about = resource(ResourceKind.RUN, found.row.run, pipeline=found.row.pipeline)
        async with self._guard.use(Action.APPROVALS_DECIDE, about):
            if digest != found.digest:
                raise RefusedError("SLW447", "what is to be approved has changed", where=id_)
            rule = "counted" if found.outcome == "pending" else "the approval is already decided"
            outcome = found.outcome if rule != "counted" else ("granted" if decision.approve else "refused")
            made = DecisionRow(decision.approver, decision.approve, decision.comment, NOW, rule)
            self._world.approvals[id_] = replace(found, outcome=outcome, decisions=(*found.decisions, made))
            return Answer(counted=rule == "counted", rule=rule, outcome=outcome)
