"""The activity that requests a slot, and starts the queue if needed."""

from __future__ import annotations

from temporalio import activity

from activities.queues import port
from activities.queues.port import Join


class QueueActivities(port.QueueActivities):
    """Uses the client of its own worker."""

    @activity.defn(name="join-queue")
    async def join(self, input: Join) -> None:
        """Requests a slot in a concurrency group. Idempotent."""
        await activity.client().start_workflow(
            "Queue",
            {"group": input.terms.group},
            id=input.queue,
            task_queue=activity.info().task_queue,
            start_signal="ask",
            start_signal_args=[{"who": input.who, "terms": input.terms}],
            static_summary=f"concurrency group {input.terms.group}",
        )
