"""`queue/…`: one concurrency group. Grants slots to runs or jobs, and reclaims those of ended holders.

domain/queues/queue.py decides; this workflow keeps the state and notifies.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.core.port import WorkflowStatusActivities
from domain.queues import queue
from domain.queues.queue import Notice
from workflows.core import activity_options as options
from workflows.queues.details import details
from workflows.queues.messages import AskSlot, GiveSlot, QueueState, SlotAnswer

LOOK = timedelta(seconds=10)
"""While someone waits: interval of checks that holders are alive, and of position updates."""
IDLE = timedelta(minutes=10)
"""A queue without holders and waiters ends; the next request starts it again."""
MAX_TOLD = 50
"""How many waiters are told their new position; the others can query the queue."""


@workflow.defn(name="Queue")
class QueueWorkflow:
    """One concurrency group. Ends after `IDLE` without holders and waiters; the next request starts it again."""

    @workflow.init
    def __init__(self, state: QueueState) -> None:
        self._state, self._queue = state, state.queue
        self._notices: list[Notice] = []
        self._newcomers: list[str] = []
        self._told: dict[str, int] = {}
        """Waiter to its last announced position."""

    @workflow.run
    async def run(self, state: QueueState) -> None:
        """Notifies whoever a change concerns, and reclaims slots of ended runs."""
        self._show()
        while not workflow.info().is_continue_as_new_suggested():
            try:
                await workflow.wait_condition(self._something, timeout=LOOK if self._queue.waiting else IDLE)
            except TimeoutError:
                if self._queue.empty:
                    return
                await self._look()
            await self._tell()
            self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self._state)

    def _something(self) -> bool:
        return bool(self._notices or self._newcomers) or workflow.info().is_continue_as_new_suggested()

    async def _look(self) -> None:
        """Reclaims slots of runs that ended without releasing them: terminated, reset, or lost with their server."""
        holders = sorted({_workflow(place.who) for place in self._queue.holders})
        gone = await workflow.execute_activity_method(
            WorkflowStatusActivities.gone, holders, **options.quick(f"check {len(holders)} slot holders")
        )
        for place in list(self._queue.holders):
            if _workflow(place.who) in gone:
                self._notices += self._queue.give(place.who, workflow.time())
        places = enumerate(self._queue.in_order(), 1)  # whoever asked meanwhile is notified anyway
        moved = [place.who for index, place in places if self._told.get(place.who, index) != index]
        self._newcomers += moved[:MAX_TOLD]

    async def _tell(self) -> None:
        while self._notices or self._newcomers:
            notices, self._notices = self._notices, []
            places, newcomers = queue.words(self._queue, workflow.time()), self._newcomers
            self._newcomers = []
            for index, place in enumerate(self._queue.in_order(), 1):
                self._told[place.who] = index if place.who in newcomers else self._told.get(place.who, 0)
            me = workflow.info().workflow_id
            told = [SlotAnswer(notice.who, str(notice.told), notice.reason, me) for notice in notices]
            told += [SlotAnswer(who, "", places[who], me) for who in newcomers if who in places]
            await asyncio.gather(*(self._say(placed) for placed in told))
        self._told = {place.who: self._told.get(place.who, 0) for place in self._queue.waiting}

    async def _say(self, placed: SlotAnswer) -> None:
        try:
            await workflow.get_external_workflow_handle(_workflow(placed.who)).signal("placed", placed)
        except FailureError:  # it ended before the message arrived
            self._notices += self._queue.give(placed.who, workflow.time())

    @workflow.signal(description="Request a slot; repeating the request changes nothing")
    def ask(self, ask: AskSlot) -> None:
        """Answers by the signal `placed`. Idempotent."""
        self._notices += self._queue.ask(ask.who, ask.terms, workflow.time())
        self._newcomers += [place.who for place in self._queue.waiting if place.who == ask.who]

    @workflow.signal(description="Release the slot, or stop waiting")
    def give(self, give: GiveSlot) -> None:
        """Notifies the next holder by the signal `placed`."""
        self._notices += self._queue.give(give.who, workflow.time())

    @workflow.query(description="Who holds a slot, who waits, and for how long")
    def state(self) -> QueueState:
        """The state that continue-as-new carries over."""
        return self._state

    def _show(self) -> None:
        workflow.set_current_details(details(self._state, workflow.time()))


def _workflow(who: str) -> str:
    """The run's workflow id in `run/web/3` or `run/web/3 deploy`."""
    return who.partition(" ")[0]
