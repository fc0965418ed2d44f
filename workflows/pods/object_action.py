"""`object/CLUSTER/NAMESPACE/KIND/NAME`: one action at a time on an object that no workflow of ours owns."""

from __future__ import annotations

from temporalio import workflow

from activities.pods.port import ObjectActivities, ObjectDone, ObjectWish
from workflows.core import activity_options as options
from workflows.core.failures import ended_badly


@workflow.defn(name="ObjectAction")
class ObjectActionWorkflow:
    """A restart of a workload, or the deletion of a pod."""

    @workflow.run
    async def run(self, wish: ObjectWish) -> ObjectDone:
        """What happens now; a refused action fails the workflow, with the same details."""
        what = f"{wish.action} {wish.kind} {wish.namespace}/{wish.name} in {wish.cluster}"
        reason = wish.reason[:300].replace("\n", " ")
        workflow.set_current_details(f"### {what}\n\n{reason}")
        done = await workflow.execute_activity_method(ObjectActivities.act, wish, **options.on_object(what))
        workflow.set_current_details(f"### {what}\n\n{reason}\n\n{done.refusal or done.words}")
        if done.refusal:
            return ended_badly("ObjectAction", "refused", done.refusal, done, is_new=True)
        return done
