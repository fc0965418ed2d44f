"""`dialled/CLUSTER/ID`: the worker in a cluster that dials out is asked for something once."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, TimeoutType
from temporalio.exceptions import TimeoutError as TimedOutError

from activities.inventory.port import DialledAnswer, DialledAsk
from domain.inventory.dialled import CALL
from workflows.core import activity_options as options
from workflows.core.failures import reraise_cancelled


@workflow.defn(name="DialledCall")
class DialledCallWorkflow:
    """Within little more than a minute it has an answer, or says that there is none: nothing is asked twice."""

    @workflow.run
    async def run(self, asked: DialledAsk) -> DialledAnswer:
        """What the worker answers, packed."""
        summary = f"ask the worker in {asked.cluster}"
        try:
            text = await workflow.execute_activity(
                CALL, asked.text, result_type=str, **options.once_in_cluster(asked.cluster, summary)
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            return _away(failed)
        return DialledAnswer(text)


def _away(failed: ActivityError) -> DialledAnswer:
    cause = failed.cause
    if not isinstance(cause, TimedOutError):
        return DialledAnswer(away=str(cause)[:300])
    if cause.type is TimeoutType.SCHEDULE_TO_START:
        return DialledAnswer(away="its worker asks for no work")
    return DialledAnswer(away="its worker has not said what came of it", begun=True)
