"""`rescan`: checks live releases against the current vulnerability database, and for drift. Started by a schedule, or
manually.
"""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.notifications.port import Notice, NotifyActivities
from activities.releases.drift.port import Drift, DriftActivities
from activities.runs.port import RunRecordActivities
from activities.scans.port import RescanActivities, Rescanned
from activities.triggers.port import SchedulingActivities
from domain.scans.rescan import Alarm, Running, Then
from workflows.core import activity_options as options
from workflows.core.failures import cause_of
from workflows.scans.messages import RescanInput, RescanResult

LIMIT_S = 900.0


@workflow.defn(name="Rescan")
class RescanWorkflow:
    """Checks everything that is live for new vulnerabilities and for drift."""

    @workflow.run
    async def run(self, input: RescanInput) -> RescanResult:
        """One pass over all environments; an error in one does not stop the others."""
        if input.environment:
            return RescanResult(drifts=tuple(await self._drift(input.environment)))
        every = await workflow.execute_activity_method(
            RescanActivities.running, **options.release_action(LIMIT_S, "list live versions")
        )
        looked: list[Rescanned] = []
        did: list[str] = []
        for what in every:
            workflow.set_current_details(f"checking {what.key}, {len(looked)} of {len(every)} done")
            done = await self._look(what)
            looked.append(done)
            if done.alarm:
                did += [await self._follow(done.alarm, then) for then in done.alarm.then]
            if done.report:
                await workflow.execute_activity_method(
                    RescanActivities.remember,
                    args=[what, done],
                    **options.write_record(f"save the report of {what.key}"),
                )
        drifts = [one for name in sorted({what.environment for what in every}) for one in await self._drift(name)]
        workflow.set_current_details(f"{len(looked)} checked, {sum(1 for one in looked if one.alarm)} alarms")
        return RescanResult(tuple(looked), tuple(did), tuple(drifts))

    async def _look(self, what: Running) -> Rescanned:
        try:
            return await workflow.execute_activity_method(
                RescanActivities.rescan, what, **options.release_action(LIMIT_S, f"check {what.key}")
            )
        except ActivityError as failed:  # continue with the others
            return Rescanned(what.key, note=f"it could not be checked: {cause_of(failed)}"[:500])

    async def _drift(self, environment: str) -> list[Drift]:
        """Checks for drift from the release; people are notified of new drift, and of its end."""
        try:
            found = await workflow.execute_activity_method(
                DriftActivities.look, environment, **options.release_action(LIMIT_S, f"drift in {environment}")
            )
            for one in found:
                if not one.told:
                    notice = Notice("drift-over" if one.over else "drift", one.key, one.words()[:4000])
                    await workflow.execute_activity_method(
                        NotifyActivities.notify, notice, **options.quick(f"notify about {one.key}")
                    )
        except ActivityError as failed:
            return [Drift(environment, (f"it could not be checked: {cause_of(failed)}"[:500],))]
        return [one for one in found if not one.over]

    async def _follow(self, alarm: Alarm, then: Then) -> str:
        """Carries out one consequence; returns what was done, or why not."""
        try:
            match then:
                case Then.NOTIFY:
                    notice = Notice("vulnerability", alarm.running.key, alarm.words())
                    await workflow.execute_activity_method(
                        NotifyActivities.notify, notice, **options.quick(f"notify about {alarm.running.key}")
                    )
                    return f"notified about {alarm.running.key}"
                case Then.BLOCK:
                    return await workflow.execute_activity_method(
                        RescanActivities.block, alarm, **options.quick(f"block {alarm.running.key}")
                    )
                case Then.ROLLBACK:
                    id_ = f"rescan-{workflow.info().run_id}-{alarm.running.key}"
                    return await workflow.execute_activity_method(
                        RescanActivities.roll_back,
                        args=[alarm, id_],
                        **options.release_action(LIMIT_S, f"the previous version of {alarm.running.key}"),
                    )
                case Then.REBUILD:
                    return await self._rebuild(alarm)
        except ActivityError as failed:
            return f"{then} of {alarm.running.key} failed: {cause_of(failed)}"[:500]

    async def _rebuild(self, alarm: Alarm) -> str:
        origin = await workflow.execute_activity_method(
            RunRecordActivities.origin, alarm.running.run, **options.quick(f"find the pipeline of {alarm.running.key}")
        )
        if origin is None:
            return f"{alarm.running.key} cannot be rebuilt: its pipeline is unknown"
        id_ = f"rescan:{workflow.info().run_id}:{alarm.running.key}"
        run = await workflow.execute_activity_method(
            SchedulingActivities.deliver, args=[origin, id_], **options.quick(f"rebuild {alarm.running.key}")
        )
        return f"{run or 'nothing'} rebuilds {alarm.running.key}"
