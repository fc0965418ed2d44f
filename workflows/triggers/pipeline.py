"""`pipeline/NAME`: receives deliveries, numbers them, and starts a run for each that should have one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ParentClosePolicy

from activities.runs.port import Rerun, RerunActivities
from activities.triggers.port import DeliveryActivities
from domain.core import ids as keys
from domain.core.sequences import IdempotentCounter
from domain.triggers.delivery import Delivery, truncate_event
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import leave_alone
from workflows.runs.messages import RunInput
from workflows.runs.run import RunWorkflow
from workflows.triggers.messages import DeliveryAnswer, PipelineState, RerunAnswer


@workflow.defn(name="Pipeline")
class PipelineEntity:
    """Lives as long as the pipeline. A repeated delivery gets its earlier number."""

    @workflow.init
    def __init__(self, state: PipelineState) -> None:
        self._name = state.name
        self._ledger = IdempotentCounter(state.last, state.numbers)
        self._attempts = IdempotentCounter(0, state.attempts)
        self._lock = asyncio.Lock()

    @workflow.run
    async def run(self, state: PipelineState) -> None:
        """Runs for ever: it continues as new when its history is long."""
        self._show()
        await workflow.wait_condition(lambda: workflow.info().is_continue_as_new_suggested())
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self.state())

    @workflow.update(description="Deliver an event that may start a run; a repeated delivery starts none")
    async def deliver(self, delivery: Delivery) -> DeliveryAnswer:
        """Starts a run if the definition matches the event; a repeated delivery gets the same run."""
        async with self._lock:  # reading yields, and the same delivery may arrive again meanwhile
            known = self._ledger.known(delivery.id)
            if known is not None:
                run = keys.run_id(self._name, known) if known else ""
                return DeliveryAnswer(known, run, "duplicate delivery", repeated=True)
            reading = await workflow.execute_local_activity_method(
                DeliveryActivities.read_definition, delivery, **options.FETCH
            )
            if not reading.starts:
                self._ledger.remember(delivery.id, 0)
                return DeliveryAnswer(0, "", reading.reason)
            if reading.problems and delivery.reject_invalid:
                return DeliveryAnswer(0, "", reading.reason, problems=reading.problems)
            number = self._ledger.next(delivery.id, reading.taken)
            event = truncate_event(delivery.event)
            source, path = delivery.source, delivery.path
            input = RunInput(
                pipeline=self._name,
                number=number,
                event=event,
                source=source,
                plan=reading.plan,
                problems=reading.problems,
                path=path,
            )
            run = await self._start(input)
            return DeliveryAnswer(number, run, reading.reason)

    @workflow.update(description="Start a new attempt of a run; what runs again depends on the previous attempt")
    async def rerun(self, asked: Rerun) -> RerunAnswer:
        """Starts a new attempt.

        Raises:
            ApplicationError: the run cannot run again, with the code of the reason.
        """
        async with self._lock:
            last = self._attempts.known(str(asked.number)) or 0
            try:
                made = await workflow.execute_local_activity_method(
                    RerunActivities.plan, replace(asked, last=last), **options.FETCH
                )
            except ActivityError as refused:
                raise _refusal(refused) from refused
            assert made.event is not None
            self._attempts.remember(str(asked.number), made.attempt)
            input = RunInput(
                pipeline=self._name,
                number=asked.number,
                event=made.event,
                source=made.source,
                plan=made.plan,
                ended=made.letters,
                spread=made.spread,
                path=made.path,
                attempt=made.attempt,
                earlier=made.earlier,
                kept=made.kept,
            )
            run = await self._start(input)
            return RerunAnswer(run, made.earlier, made.again, made.count, made.plan.jobs)

    async def _start(self, input: RunInput) -> str:
        event, run = input.event, keys.run_id(self._name, input.number, input.attempt)
        what = event.tag or event.branch or event.commit[:12]
        attempt = f" (attempt {input.attempt})" if input.attempt > 1 else ""
        started = await workflow.start_child_workflow(
            RunWorkflow.run,
            input,
            id=run,
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=f"{self._name} #{input.number}{attempt}: {event.kind} of {what}",
            static_details="\n\n".join(
                (keys.console_link(run), f"commit `{event.commit}` by {event.author}", event.message[:500])
            ),
            search_attributes=attributes.typed(pipeline=self._name, commit=event.commit, status="running"),
            priority=Priority(priority_key=input.plan.priority, fairness_key=(input.plan.tenant or self._name)[:64]),
            memo={"author": event.author, "branch": event.branch, "actor": event.actor},
        )
        leave_alone(started)
        self._show()
        return run

    @workflow.query(description="The last number, and the numbers of the last deliveries")
    def state(self) -> PipelineState:
        """The state that continue-as-new carries over."""
        return PipelineState(self._name, self._ledger.last, self._ledger.numbers, self._attempts.numbers)

    def _show(self) -> None:
        workflow.set_current_details(f"### pipeline {self._name}\n\n{self._ledger.last} runs so far")


def _refusal(failed: ActivityError) -> ApplicationError:
    """An answer to the caller, not a failure of the pipeline."""
    if isinstance(failed.cause, ApplicationError):
        return ApplicationError(failed.cause.message, type=failed.cause.type, non_retryable=True)
    return ApplicationError(str(failed), non_retryable=True)
