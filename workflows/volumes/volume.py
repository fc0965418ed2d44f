"""`volume/CLUSTER/NAMESPACE/NAME`: one action on a claim at a time."""

from __future__ import annotations

from temporalio import workflow

from activities.volumes.port import VolumeActivities, VolumeDone, VolumeRequest
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import ended_badly


@workflow.defn(name="Volume")
class VolumeWorkflow:
    """One action on one volume."""

    @workflow.run
    async def run(self, wish: VolumeRequest) -> VolumeDone:
        """The action and the volume's status; a refused action fails the workflow, with the same details."""
        name = f"{wish.spec.namespace}/{wish.spec.name} in {wish.cluster}"
        workflow.set_current_details(f"### {wish.action} volume {name}\n\n**waiting for the action to finish**")
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_set(str(wish.action))])
        done = await workflow.execute_activity_method(
            VolumeActivities.act, wish, **options.volume(wish.limit_s, f"{wish.action} {name}")
        )
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_unset()])
        ended = done.refusal or done.words or "done"
        workflow.set_current_details(f"### {wish.action} volume {name}: {done.seen.phase}\n\n{ended}")
        return ended_badly("Volume", "refused", done.refusal, done) if done.refusal else done
