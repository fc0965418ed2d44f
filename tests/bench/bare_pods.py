"""The baselines of pods. In a module of their own: what it imports, the sandbox loads for each workflow."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from activities.pods.activities import PodActivities
from activities.pods.port import NewPod
from domain.pods import status as pod
from domain.pods.status import PodPhase, PodStatus
from tests.bench.bare import LIMIT, noop


@workflow.defn(name="BarePod")
class BarePod:
    """The same activities and signals as a pod's workflow that is ended, and nothing else: no clocks, no phases kept."""

    def __init__(self) -> None:
        self._phase = PodPhase.REQUESTED
        self._over = False

    @workflow.run
    async def run(self, new: NewPod) -> None:
        await self._do(PodActivities.create, new)
        await workflow.wait_condition(lambda: self._over)
        await self._do(PodActivities.end, new.at)
        await workflow.wait_condition(lambda: self._phase in pod.ENDED)
        await self._do(PodActivities.remove, new.at, False)

    async def _do(self, activity: Any, *args: Any) -> None:
        await workflow.execute_activity(activity, args=args, start_to_close_timeout=LIMIT)

    @workflow.signal
    def sightings(self, sightings: list[PodStatus]) -> None:
        self._phase = sightings[-1].phase

    @workflow.signal
    def over(self) -> None:
        self._over = True


@workflow.defn(name="IdlePod")
class IdlePod:
    """As many activities and signals, about nothing."""

    def __init__(self) -> None:
        self._told = 0

    @workflow.run
    async def run(self, count: int) -> None:
        await workflow.execute_activity(noop, "create", start_to_close_timeout=LIMIT)
        await workflow.wait_condition(lambda: self._told >= count)
        await workflow.execute_activity(noop, "end", start_to_close_timeout=LIMIT)
        await workflow.execute_activity(noop, "remove", start_to_close_timeout=LIMIT)

    @workflow.signal
    def told(self, words: str) -> None:
        self._told += 1
