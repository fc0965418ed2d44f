"""`heal/NAME`: automatic repair of a cluster while it exists. Explains every action and every refusal to act."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.clusters.port import RemediationActivities, RepairInput, SurveyInput
from domain.clusters import autoscaling as scaling
from domain.clusters import remediation as healing
from domain.clusters.autoscaling import Scale
from domain.clusters.remediation import Decision, Done, Observation, Remedy, RepairPolicy
from domain.core import ids as keys
from workflows.clusters import details as cluster_details
from workflows.clusters.entry_messages import Entry
from workflows.clusters.remediation_messages import HealState
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import cause_of, reraise_cancelled, was_cancelled

KEEP_ENTRIES = 50
LONGEST_WAIT_S = 300.0


@workflow.defn(name="Heal")
class HealWorkflow:
    """Automatic repair and scaling of one cluster; a child of the cluster's workflow."""

    @workflow.init
    def __init__(self, state: HealState) -> None:
        self._state = state
        self._told = False
        """A new policy was set: decide again at once."""
        self._is_handed_on = False

    @workflow.run
    async def run(self, state: HealState) -> HealState:
        """Observes, decides and acts until it is cancelled, or handed on: the next one begins with what it returns."""
        workflow.upsert_search_attributes([attributes.CLUSTER.value_set(state.cluster)])
        while True:
            self._state.seen = await self._survey()
            if self._is_handed_on:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return self._state
            await self._act(self._decided(self._state.seen))
            await self._scale(self._state.seen)
            workflow.set_current_details(cluster_details.healing(self._state))
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._state)

    async def _survey(self) -> Observation:
        """Waits until the observation changes, or until a decision is due."""
        until: list[Decision | Scale] = [*self._state.decisions, *self._state.scales]
        wait_s = healing.wait_s(until, workflow.time(), LONGEST_WAIT_S)
        load = self._state.policy.scale is not None
        asked = SurveyInput(self._state.access, self._state.cluster, self._state.seen, wait_s, load)
        look = asyncio.ensure_future(
            workflow.execute_activity_method(RemediationActivities.survey, asked, **options.long_poll(wait_s))
        )
        try:
            await workflow.wait_condition(lambda: look.done() or self._told or self._is_handed_on)
        except asyncio.CancelledError:  # automatic repair itself was cancelled
            await _over(look)
            raise
        await _over(look)
        self._told = False
        try:
            return look.result()
        except ActivityError as failed:
            if not was_cancelled(failed):
                raise
            return self._state.seen or Observation()

    def _decided(self, seen: Observation) -> list[Decision]:
        now, before = workflow.time(), {(one.target, one.refusal) for one in self._state.decisions}
        self._state.done = healing.remembered(self._state.done, now)
        self._state.decisions = healing.decide(seen, self._state.policy, self._state.done, now)
        refused = [one for one in self._state.decisions if one.refusal and (one.target, one.refusal) not in before]
        for words, targets in _together(refused).items():
            self._note(f"{targets}: left alone, {words}")
        if seen.trouble:
            self._note(seen.trouble)
        return [one for one in self._state.decisions if not one.refusal]

    async def _act(self, decisions: list[Decision]) -> None:
        for one in decisions:
            self._state.done.append(Done(one.remedy, one.target, workflow.time()))  # a failed try counts too
            asked = RepairInput(self._state.access, self._state.cluster, one)
            try:
                await workflow.execute_activity_method(
                    RemediationActivities.mend, asked, **options.quick(f"{one.remedy} {one.target}")
                )
                self._note(f"{one.target}: {one.remedy}, {one.reason}")
            except ActivityError as failed:
                reraise_cancelled(failed)
                self._note(f"{one.target}: {one.remedy} failed, {cause_of(failed)}")
        if any(one.remedy is Remedy.REPLACE for one in decisions):
            cluster = workflow.get_external_workflow_handle(keys.cluster_id(self._state.cluster))
            await cluster.signal("mend", "nodes are to be replaced")

    async def _scale(self, seen: Observation) -> None:
        """Resizes pools to their load; the cluster's workflow creates and removes the nodes."""
        policy, now = self._state.policy.scale, workflow.time()
        if policy is None or seen.load is None:
            self._state.scales = []
            return
        before = {(one.reason, one.refusal) for one in self._state.scales}
        self._state.empty_since = scaling.remembered(self._state.empty_since, seen.load, now)
        self._state.scales = scaling.decide(seen.pools, seen.load, self._state.empty_since, policy, now)
        for one in self._state.scales:
            if one.refusal and (one.reason, one.refusal) not in before:
                self._note(f"pools unchanged: {one.reason}, {one.refusal}")
        wanted = {one.pool: one.count for one in self._state.scales if not one.refusal}
        if not wanted or self._state.policy.dry_run:
            return
        why = "; ".join(f"{one.pool} to {one.count}: {one.reason}" for one in self._state.scales if not one.refusal)
        self._note(why)
        cluster = workflow.get_external_workflow_handle(keys.cluster_id(self._state.cluster))
        await cluster.signal("resize", args=[wanted, why])

    @workflow.signal(description="Change the policy")
    def set_policy(self, policy: RepairPolicy) -> None:
        """Applies a new policy at once."""
        self._state.policy, self._told = policy, True

    @workflow.signal(description="The cluster's workflow continues as new: end, and say what you know")
    def hand_on(self) -> None:
        """Ends it; the cluster's workflow starts it again at once."""
        self._is_handed_on = True

    @workflow.query(description="What is unhealthy, and what was decided and done about it")
    def view(self) -> HealState:
        """The last observation, with decisions and actions."""
        return self._state

    def _note(self, words: str) -> None:
        if self._state.log and self._state.log[-1].words == words[:600]:
            return
        self._state.log.append(Entry(workflow.time(), words[:600]))
        del self._state.log[:-KEEP_ENTRIES]


async def _over(look: asyncio.Task[Observation]) -> None:
    """Not in a `finally`: an evicted workflow is closed, and must not wait then."""
    if not look.done():
        look.cancel()
    await workflow.wait([look])


def _together(refused: list[Decision]) -> dict[str, str]:
    """Groups refusals with the same reason: three target names, and the number of others."""
    found: dict[str, list[str]] = {}
    for one in refused:
        found.setdefault(one.refusal, []).append(one.target)
    more = {words: f" and {len(names) - 3} more" if len(names) > 3 else "" for words, names in found.items()}
    return {words: ", ".join(names[:3]) + more[words] for words, names in found.items()}
