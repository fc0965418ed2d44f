"""Typed calls to a running engine. The command line, the hook and tests use these and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.access import identities as identity
from activities.runs.port import Rerun
from activities.triggers.port import ScheduledDelivery
from domain.approvals.request import Decision
from domain.core import ids as keys
from domain.core.errors import RefusedError, SluicewayError
from domain.queues.queue import Queue
from domain.triggers.delivery import Delivery
from workers.client.calls import QUERY_TIMEOUT, RPC_TIMEOUT, again, ask, unreachable, update
from workers.client.clusters import Clusters
from workers.core.settings import TASK_QUEUE
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalView, DecideAnswer
from workflows.queues.messages import QueueState
from workflows.releases.environment import EnvironmentWorkflow
from workflows.releases.messages import EnvironmentState, ReleaseView
from workflows.releases.release import ReleaseWorkflow
from workflows.runs.messages import RunResult, RunView
from workflows.runs.run import RunWorkflow
from workflows.triggers.messages import DeliveryAnswer, PipelineState, RerunAnswer
from workflows.triggers.pipeline import PipelineEntity
from workflows.triggers.scheduled import ScheduledWorkflow

T = TypeVar("T")


def new_delivery_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(8)}"


@dataclass
class Engine:
    client: Client
    queue: str = TASK_QUEUE

    @property
    def clusters(self) -> Clusters:
        return Clusters(self.client, self.queue)

    async def deliver(self, delivery: Delivery) -> DeliveryAnswer:
        """Hands a delivery to its pipeline. The same delivery twice is one run, also after a time-out of this call."""

        async def deliver() -> DeliveryAnswer:
            answer: DeliveryAnswer = await self.client.execute_update_with_start_workflow(
                "deliver",
                delivery,
                id=delivery.id,
                start_workflow_operation=self._pipeline(delivery.pipeline),
                result_type=DeliveryAnswer,
                rpc_timeout=RPC_TIMEOUT,
            )
            return answer

        try:
            return await again(deliver)
        except WorkflowUpdateFailedError as failed:
            cause = getattr(failed.cause, "cause", None) or failed.cause
            raise SluicewayError("SLW904", f"the delivery was not taken: {cause}") from failed
        except RPCError as broken:
            raise unreachable(broken) from broken

    async def rerun(self, asked: Rerun) -> RerunAnswer:
        """Starts a new attempt of a run.

        Raises:
            RefusedError: there is nothing to run again, the run still runs, or is not known.
        """
        id_ = f"rerun-{secrets.token_hex(8)}"

        async def start() -> RerunAnswer:
            answer: RerunAnswer = await self.client.execute_update_with_start_workflow(
                "rerun",
                asked,
                id=id_,
                start_workflow_operation=self._pipeline(asked.pipeline),
                result_type=RerunAnswer,
                rpc_timeout=RPC_TIMEOUT,
            )
            return answer

        try:
            return await ask(again(start), keys.run_id(asked.pipeline, asked.number))
        except RefusedError as refused:
            cause = getattr(refused.__cause__, "cause", None)
            if not isinstance(cause, ApplicationError) or not cause.type:
                raise
            raise RefusedError(cause.type, cause.message, where=refused.where) from refused

    def _pipeline(self, name: str) -> WithStartWorkflowOperation[Any, Any]:
        return WithStartWorkflowOperation(
            PipelineEntity.run,
            PipelineState(name),
            id=keys.pipeline_id(name),
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"pipeline {name}",
        )

    def _handle(self, id_: str) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(id_)

    def run(self, run: str) -> WorkflowHandle[RunWorkflow, RunResult]:
        return self.client.get_workflow_handle_for(RunWorkflow.run, run)

    async def view(self, run: str) -> RunView:
        return await ask(self.run(run).query(RunWorkflow.view, rpc_timeout=RPC_TIMEOUT), run)

    async def cancel(self, run: str, reason: str) -> str:
        return await update(self.run(run), "cancel", reason, str)

    async def approval(self, run: str, job: str) -> ApprovalView:
        id_ = keys.approval_id(run, job)
        handle = self._handle(id_)
        return await ask(handle.query(ApprovalWorkflow.request, rpc_timeout=RPC_TIMEOUT), id_)

    async def open_approvals(self, run: str) -> list[str]:
        """Jobs of a run that wait for a decision."""
        view = await self.view(run)
        running = [job for job in view.jobs if job.status == "running" and job.kind in ("approval", "gate")]
        return [job.id for job in running if job.kind == "approval" or await self._is_asked(run, job.id)]

    async def _is_asked(self, run: str, job: str) -> bool:
        """A gate asks only when it is held."""
        try:
            await self.approval(run, job)
        except SluicewayError:
            return False
        return True

    async def decision(
        self, run: str, job: str, approver: str, approve: bool, comment: str, keys_folder: Path, lifetime_s: float = 600
    ) -> Decision:
        """A signed decision for exactly what is asked now."""
        key = identity.load(keys_folder, approver)
        asked = await self.approval(run, job)
        expires = min(asked.expires_at, time.time() + lifetime_s)
        plain = Decision(approver, approve, comment, asked.binding, expires, request_id=secrets.token_hex(8))
        return identity.sign(key, plain)

    async def decide(self, run: str, job: str, decision: Decision) -> DecideAnswer:
        handle = self._handle(keys.approval_id(run, job))
        return await update(handle, "decide", decision, DecideAnswer, decision.request_id)

    async def environment(self, name: str) -> EnvironmentState:
        handle = self._handle(keys.environment_id(name))
        return await ask(handle.query(EnvironmentWorkflow.state, rpc_timeout=RPC_TIMEOUT), name)

    async def queues(self) -> dict[str, Queue]:
        """Concurrency groups and environments (by the ids of their workflows) to who holds and who waits."""
        open_ones = "WorkflowType IN ('Queue', 'Environment') AND ExecutionStatus = 'Running'"
        known = {one.id: one.workflow_type async for one in self.client.list_workflows(open_ones)}
        states = await asyncio.gather(*(self._queue(id_, kind) for id_, kind in known.items()))
        return {id_: state for id_, state in zip(known, states, strict=True) if state is not None}

    async def _queue(self, id_: str, kind: str) -> Queue | None:
        """None: it has ended meanwhile, or no worker answers for it."""
        handle, result = self._handle(id_), QueueState if kind == "Queue" else EnvironmentState
        try:
            state: Any = await handle.query("state", result_type=result, rpc_timeout=QUERY_TIMEOUT)
        except (RPCError, WorkflowQueryFailedError):
            return None
        return state.queue if isinstance(state, QueueState) else state.places

    async def schedule(self, what: ScheduledDelivery, times: Sequence[tuple[str, str]]) -> str:
        """Sets, changes or (without times) removes the schedule of a pipeline. Times are (cron, time zone).

        A start that is due while the one before still delivers is left out.
        """
        id_ = f"schedule/{what.pipeline}"
        handle = self.client.get_schedule_handle(id_)
        if not times:
            with contextlib.suppress(RPCError):
                await handle.delete()
            return id_
        action = ScheduleActionStartWorkflow(
            ScheduledWorkflow.run,
            what,
            id=f"scheduled/{what.pipeline}",
            task_queue=self.queue,
            static_summary=f"scheduled start of {what.pipeline}",
        )
        spec = ScheduleSpec(cron_expressions=[f"CRON_TZ={zone} {cron}" for cron, zone in times])
        schedule = Schedule(action=action, spec=spec, policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP))
        try:
            await self.client.create_schedule(id_, schedule)
        except ScheduleAlreadyRunningError:
            await handle.update(lambda _: ScheduleUpdate(schedule=schedule))
        return id_

    async def release_view(self, release: str) -> ReleaseView:
        handle = self._handle(release)
        return await ask(handle.query(ReleaseWorkflow.view, rpc_timeout=RPC_TIMEOUT), release)

    async def steer(self, release: str, verb: str, reason: str) -> str:
        """pause, resume, promote, abort or rollback; refused with the reason where it makes no sense."""
        handle = self._handle(release)
        try:
            return await update(handle, verb, reason, str)
        except SluicewayError as failed:
            ended = (await self.release_view(release)).verdict if failed.code == "SLW907" else ""
            if not ended:
                raise
            raise RefusedError("SLW905", f"{verb}: the release has ended: {ended}", where=release) from failed

    async def rollback(self, environment: str, service: str) -> str:
        handle = self._handle(keys.environment_id(environment))
        return await update(handle, "rollback", service, str)
