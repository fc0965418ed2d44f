"""A run's requests for slots in concurrency groups: one for the run, and one for each job that needs one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.queues.port import Join, QueueActivities
from domain.queues.queue import ConcurrencyPolicy, SlotStatus
from workflows.core import activity_options as options
from workflows.queues.messages import GiveSlot, SlotAnswer


class SlotClient:
    """Keys are the run's id, or the run's id and a job's separated by a space."""

    def __init__(self, waits: Callable[[str, str], None], evicted: Callable[[str, str], None]) -> None:
        self._waits, self._evicted = waits, evicted
        self._queues: dict[str, str] = {}
        """Holder or waiter to its queue."""
        self._groups: dict[str, str] = {}
        self._answers: dict[str, SlotAnswer] = {}
        self._leaving: list[asyncio.Task[None]] = []

    async def enter(self, queue: str, who: str, terms: ConcurrencyPolicy) -> SlotAnswer:
        """Waits for a slot or a refusal. Every `enter` needs a `leave`, whatever the answer."""
        self._queues[who], self._groups[who] = queue, terms.group
        self._waits(_job(who), f"a slot in {terms.group}")
        await workflow.execute_activity_method(
            QueueActivities.join, Join(queue, who, terms), **options.quick(f"request a slot in {terms.group}")
        )
        await workflow.wait_condition(lambda: who in self._answers)
        self._waits(_job(who), "")
        return self._answers[who]

    def hear(self, placed: SlotAnswer) -> None:
        """Handles a queue's answer; a slot that nobody waits for any more is released at once."""
        who = placed.who
        if who not in self._queues:  # it has left, and its release overtook its request
            if placed.told == SlotStatus.GRANTED and placed.queue:
                self._send(placed.queue, who)
        elif not placed.told:
            if who not in self._answers:
                self._waits(_job(who), f"a slot in {self._groups[who]}: {placed.reason}")
        elif who not in self._answers:
            self._answers[who] = placed
        elif placed.told == SlotStatus.CANCELLED:
            self._evicted(_job(who), placed.reason)

    def awaited(self) -> dict[str, str]:
        """Who waits for a slot, as its queue knows it, to the job (empty: the run itself)."""
        return {who: _job(who) for who in self._queues if who not in self._answers}

    def leave(self, who: str) -> None:
        """In a task of its own, so that a cancel cannot prevent the release."""
        if who not in self._queues:  # it never asked
            return
        self._answers.pop(who, None)
        self._groups.pop(who, None)
        self._waits(_job(who), "")
        self._send(self._queues.pop(who), who)

    def _send(self, queue: str, who: str) -> None:
        self._leaving = [task for task in self._leaving if not task.done()]
        self._leaving.append(asyncio.create_task(_give(queue, who)))

    async def settled(self) -> None:
        """Returns when every left slot has been released."""
        await asyncio.gather(*self._leaving)


async def _give(queue: str, who: str) -> None:
    try:
        await workflow.get_external_workflow_handle(queue).signal("give", GiveSlot(who))
    except FailureError as gone:
        workflow.logger.warning("cannot notify %s that %s leaves: %s", queue, who, gone)


def _job(who: str) -> str:
    return who.partition(" ")[2]
