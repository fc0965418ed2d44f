"""A workflow that takes and gives every kind of payload, for attacks on messages."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

LIMIT = timedelta(seconds=20)


@activity.defn(name="probed")
async def probed(value: str) -> str:
    return f"probed {value}"


@activity.defn(name="resumed")
async def resumed() -> list[str]:
    """Fails once, after a heartbeat; then what it remembers of that."""
    return await _resumed()


@activity.defn(name="resumed-with")
async def resumed_with(value: str) -> list[str]:
    """As `resumed`, and has an argument."""
    return await _resumed()


async def _resumed() -> list[str]:
    if activity.info().attempt == 1:
        activity.heartbeat("was here")
        raise ApplicationError("once more")
    return [str(one) for one in activity.info().heartbeat_details]


@workflow.defn(name="ProbeOfHeartbeats")
class ProbeOfHeartbeats:
    """What an activity without arguments, and one with some, remember at their second attempt."""

    @workflow.run
    async def run(self, queues: list[str]) -> list[list[str]]:
        again = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=2)
        without = await workflow.execute_activity(
            resumed, task_queue=queues[0], start_to_close_timeout=LIMIT, heartbeat_timeout=LIMIT, retry_policy=again
        )
        given = await workflow.execute_activity(
            resumed_with,
            "x",
            task_queue=queues[1],
            start_to_close_timeout=LIMIT,
            heartbeat_timeout=LIMIT,
            retry_policy=again,
        )
        return [without, given]


@workflow.defn(name="Probe")
class Probe:
    """Says what it was told, in order; ends when it is told `end`.

    `asks`: a queue on which `probed` is done first, `local` for here, `child:QUEUE` for a child.
    """

    @workflow.init
    def __init__(self, asks: str) -> None:
        self._told: list[str] = []

    @workflow.run
    async def run(self, asks: str) -> list[str]:
        if asks.startswith("child:"):
            child = workflow.info().workflow_id + "/child"
            queue = asks.removeprefix("child:")
            self._told += await workflow.execute_child_workflow(Probe.run, "", id=child, task_queue=queue)
        elif asks == "local":
            self._told.append(await workflow.execute_local_activity(probed, "it", start_to_close_timeout=LIMIT))
        elif asks:
            answer = await workflow.execute_activity(
                probed, "it", task_queue=asks, activity_id="one", start_to_close_timeout=LIMIT
            )
            self._told.append(answer)
        await workflow.wait_condition(lambda: "end" in self._told or "renew" in self._told)
        if "renew" in self._told:
            workflow.continue_as_new("")
        return self._told

    @workflow.signal
    def tell(self, what: str) -> None:
        self._told.append(what)

    @workflow.signal
    def warn(self, what: str) -> None:
        self._told.append(f"warned {what}")

    @workflow.signal
    def again(self) -> None:
        self._told.append("again")

    @workflow.update
    def change(self, what: str) -> str:
        self._told.append(f"changed {what}")
        return f"changed {what}"

    @workflow.query
    def told(self) -> list[str]:
        return self._told

    @workflow.query
    def echo(self, what: str) -> str:
        return what


@workflow.defn(name="Refusing")
class Refusing:
    """Fails with a word, in its message, its details and its cause."""

    @workflow.run
    async def run(self, word: str) -> None:
        try:
            raise ApplicationError(f"because of {word}")
        except ApplicationError as cause:
            raise ApplicationError(f"not {word}", word, type="Refused", non_retryable=True) from cause
