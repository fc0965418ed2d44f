"""Approvals between the steps of a release over many clusters: each is asked for once, when the first needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import workflow

from domain.approvals.request import Outcome
from workflows.releases.messages import ApprovalGiven, ApprovalWanted, ReleaseInput
from workflows.releases.parts import Parts
from workflows.releases.step_approval import ask_for, step_of
from workflows.releases.story import Story


class WholeApprovals:
    """What people were asked for all clusters, and what they said."""

    def __init__(self, release: ReleaseInput, parts: Parts, story: Story, told: Callable[[str], None]) -> None:
        """`told`: called with why all clusters must go back, or empty when there is other news."""
        self._release, self._parts, self._story, self._told = release, parts, story, told
        self._wanted: dict[str, list[str]] = {}
        """Step to the clusters that wait for it."""
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._answers: dict[str, ApprovalGiven] = {}
        self.open: tuple[str, ...] = ()
        """Names of those that people are asked for now."""

    @property
    def waiting_for(self) -> str:
        """For people; empty: nobody is asked."""
        return f"approval {', '.join(self.open)}" if self.open else ""

    async def wanted(self, told: ApprovalWanted) -> None:
        """A cluster waits for a step: people are asked, or the cluster is told what they have said."""
        self._wanted.setdefault(told.name, []).append(told.cluster)
        if answer := self._answers.get(told.name):
            await self._parts.tell(told.cluster, "approval_given", answer)
        elif told.name not in self._asking:
            self._asking[told.name] = asyncio.create_task(self._ask(told.name))

    def end(self) -> None:
        """Nobody is asked any more."""
        for task in self._asking.values():
            task.cancel()
        self.open = ()

    async def _ask(self, name: str) -> None:
        step = step_of(self._release, name)
        found = await ask_for(self._release, name, step, lambda: self._opened(name))
        self.open = tuple(one for one in self.open if one != name)
        self._answers[name] = answer = ApprovalGiven(name, found.outcome, found.reason)
        self._story.tell(f"approval {name}", found.reason)
        for cluster in self._wanted[name]:
            await self._parts.tell(cluster, "approval_given", answer)
        self._told("" if found.outcome == Outcome.GRANTED else f"{name}: {found.reason}")

    def _opened(self, name: str) -> None:
        self.open = (*self.open, name)
        workflow.logger.info("%s is asked for all clusters", name)
        self._told("")
