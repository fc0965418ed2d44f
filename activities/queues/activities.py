"""The activity that starts a queue, if there is none, with somebody's wish for a slot."""

from __future__ import annotations

from temporalio import activity

from activities.queues import port
from activities.queues.port import Join


class QueueActivities(port.QueueActivities):
    """Uses the client of the worker that runs the activity."""

    @activity.defn(name="join-queue")
    async def join(self, input: Join) -> None:
        """Asks for a place in a concurrency group. Asking again changes nothing."""
        await activity.client().start_workflow(
            "Queue",
            {"group": input.terms.group},
            id=input.queue,
            task_queue=activity.info().task_queue,
            start_signal="ask",
            start_signal_args=[{"who": input.who, "terms": input.terms}],
            static_summary=f"concurrency group {input.terms.group}",
        )
