"""Where the release of one of several services stops, and asks the release of all of them whether it may go on."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from domain.releases.actions import Action, ActionKind
from domain.releases.together.lockstep import PATIENCE_S, Gate, gate_before
from domain.releases.together.order import MOST_SERVICES
from workflows.releases.action_runner import ActionRunner
from workflows.releases.commands import Given
from workflows.releases.messages import Asked, ReleaseInput, Weighed
from workflows.releases.observation import Observation

LONGEST = timedelta(seconds=PATIENCE_S * MOST_SERVICES)
"""After this a release goes back without being let."""


class Gates:
    """The gates of one release; a release that is no part of several services is let through each."""

    def __init__(self, input: ReleaseInput, given: Given, runner: ActionRunner, observation: Observation) -> None:
        self._input, self._given, self._runner, self._observation = input, given, runner, observation
        self._ended = False
        self.held = input.granted is not None
        """Whether it is one of several services."""

    async def before(self, action: Action) -> str:
        """Returns when an action may begin, or why to roll back; the version is judged meanwhile."""
        found = gate_before(action, self._runner.done) if self.held else None
        if found is None:
            return ""
        self._ended = found[0] is Gate.END
        return await self._through(*found)

    async def end(self) -> str:
        """After the last action: returns when every service is where this one is, or why to roll back."""
        if not self.held or self._ended:
            return ""
        return await self._through(Gate.END, 100.0)

    async def _through(self, gate: Gate, percent: float) -> str:
        given, reason = self._given, ""
        given.let = ""
        if not await self._ask(gate, percent):
            return "the release of all services has ended"

        def over() -> bool:
            return given.let == gate and not given.paused

        while not (over() or given.abort or reason):
            reason = await self._observation.hold(over)
        return reason

    async def back(self, why: str) -> None:
        """Returns when the services that call this one have gone back, or the whole is gone."""
        if self.held:
            self._given.let = ""
            if await self._ask(Gate.BACK, 0.0, why):
                with contextlib.suppress(TimeoutError):
                    await workflow.wait_condition(lambda: self._given.let == Gate.BACK, timeout=LONGEST)

    async def _ask(self, gate: Gate, percent: float, why: str = "") -> bool:
        """Returns whether there is somebody to answer."""
        service = self._input.deployment.service
        return await self._signal("asked", Asked(service, gate, percent, why[:500]))

    async def tell_weight(self, action: Action) -> None:
        """After an action: the whole shows the weight of each part."""
        if self._input.whole and action.do in (ActionKind.SHIFT, ActionKind.ROUTE):
            new = self._input.deployment
            part = new.service if self.held else new.cluster
            await self._signal("weighed", Weighed(part, self._runner.percent))

    async def tell_gone(self, action: Action) -> None:
        """After an action of a way back: what this service calls may go back, too."""
        if self.held:
            await self.tell_weight(action)

    async def _signal(self, name: str, what: Asked | Weighed) -> bool:
        try:
            await workflow.get_external_workflow_handle(self._input.whole).signal(name, what)
        except FailureError:
            return False
        return True
