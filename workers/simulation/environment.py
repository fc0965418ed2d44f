"""One time-skipping server, one worker, and one case after the other."""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio import activity
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.access import identities as identity
from activities.access import private_keys
from activities.access.environments import Environments
from activities.access.identities import IdentityActivities
from activities.authority.everything import Everything
from activities.core import serialization as serial
from activities.core.workflow_status import WorkflowStatusActivities
from activities.jobs.directories import JobDirectories
from activities.notifications.activities import NotifyActivities
from activities.notifications.port import Notice
from activities.pipelines.plan_store import store_plan
from activities.pods.port import Demand
from activities.queues.port import Join
from activities.releases.activities import ReleaseActivities
from activities.releases.port import ReserveRelease
from activities.runs.approval_scope import ScopeActivities
from activities.runs.records import RunRecordActivities
from activities.runs.rerun import RerunActivities
from activities.scans.activities import ScanActivities
from activities.scans.evidence import ScanEvidence
from activities.scans.suppressions.suppressions import AcceptedRisks
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.storage.stores.folder import FolderStore
from activities.triggers.delivery import DeliveryActivities
from domain.approvals.request import ChangeAuthors, Decision, VerifiedIdentity
from domain.core import ids as keys
from domain.core import names
from domain.core.errors import SluicewayError
from domain.jobs.result import JobResult
from domain.pipelines.job import JobKind
from domain.pipelines.plan import Plan
from domain.queues.queue import SlotStatus
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.simulation.expectations import Observed
from domain.triggers.events import match
from pipeline_defs.core.checked import Checked
from pipeline_defs.pipelines.compile import compile_plan, pipeline_of
from pipeline_defs.releases.environment_model import EnvironmentApproval
from pipeline_defs.simulation import model as case_model
from pipeline_defs.triggers.compile import listeners
from workers.client.calls import outcome
from workers.client.client import Engine
from workers.core import conversion
from workers.core.keyring import Keyring
from workers.core.records import Records
from workers.simulation.clock import Clock
from workers.simulation.jobs import APART_S, RehearsedJobs
from workers.simulation.releases import RehearsedObserver, RehearsedTarget, always_open
from workers.simulation.stand_ins import RehearsedGates, Unattacked, event_of, quiet, remembered_clusters
from workers.worker import temporal
from workers.worker.definition_reader import YamlReader
from workflows.approvals.messages import ApprovalView
from workflows.core import search_attributes as attributes
from workflows.queues.messages import SlotAnswer
from workflows.releases.environment import EnvironmentWorkflow
from workflows.releases.messages import EnvironmentState
from workflows.runs.messages import RunInput, RunResult
from workflows.runs.run import RunWorkflow
from workflows.simulation.simulated_decision import Planned, RehearsedDecision

QUEUE = "rehearsal"
HELD = "it is held without evidence, and nobody decides in a simulation"
"""A case would wait for ever for traffic that it does not have."""
CASE_TIMEOUT_S = 60
TASK_TIMEOUT = timedelta(seconds=3)
"""The test server refuses the cancel of an activity that has just ended; the task is dispatched again after this."""


@dataclass(kw_only=True)
class SimulationEnvironment:
    """A Temporal test server and a worker with simulated jobs, releases and notifications; runs one case at a time."""

    client: Client
    engine: Engine
    folder: Path
    records: Records
    store: Store
    clock: Clock
    plan: dict[str, int] = field(default_factory=dict)
    """Job or cell to its index in the plan."""
    case: case_model.Case | None = None
    asked: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    number: int = 0
    held: bool = False
    """Time does not skip any more, since the run has ended."""

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[SimulationEnvironment]:
        """Starts server and worker, with records and a store below `folder`; stops them at the end."""
        program = str(Path(sys.executable).with_name("temporal-test-server"))
        server = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=program, data_converter=conversion.CONVERTER, runtime=quiet()
        )
        async with server:
            names = {key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for key in attributes.ALL}
            await server.client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace="default", search_attributes=names)
            )
            store, records = FolderStore(folder / "store"), Records.at(folder / "records.db")
            ring = Keyring.ephemeral()
            client = temporal.sealing(server.client, ring)
            engine = Engine(client, QUEUE)
            stage = cls(
                client=client,
                engine=engine,
                folder=folder,
                records=records,
                store=store,
                clock=Clock(client),
            )
            stage.clock.waits = lambda: bool(stage.asked)
            async with temporal.worker(
                client, stage._activities(), ring, QUEUE, more=[RehearsedDecision], grace_s=0.05
            ):
                yield stage

    def _activities(self) -> list[temporal.Activity]:
        mirrors, environments = Mirrors(self.folder / "mirrors"), Environments(self.records.definitions)
        permits = Everything(self._known, lambda name: environments.get(name).approval)
        scans = ScanActivities(
            places=JobDirectories(self.folder / "jobs"), store=self.store, records=self.records.runs, mirrors=mirrors
        )
        gates = RehearsedGates(
            self.store, ScanEvidence(self.records.runs), AcceptedRisks(mirrors, lambda data, name: ())
        )
        jobs = RehearsedJobs(self.records.runs, self.store, scans, self._mock, self._order, self.clock)
        observer = RehearsedObserver(self.store, self._traffic, self.clock)
        delivery = DeliveryActivities(self.store, mirrors, YamlReader(), permits)
        runs = RunRecordActivities(self.records.runs, self.store, None, (self,), permits=permits)
        identities, reruns = (
            IdentityActivities(permits),
            RerunActivities(self.records.runs, environments, self.store, delivery, self.records.identities, permits),
        )
        scopes = ScopeActivities(self.store, self.records.runs)
        target = RehearsedTarget(self._traffic)
        liveness = WorkflowStatusActivities()
        releases = ReleaseActivities({"local": target}, self.records.releases, target, Unattacked(), permits=permits)
        return [
            *(jobs.run_job, jobs.scan, gates.gate, delivery.load_page, runs.begin, runs.end, runs.past),
            *(identities.check_decision, identities.environment_rule, reruns.granted_before),
            *(scopes.keep_scope, scopes.uncovered),
            *(releases.act, releases.record, observer.observe, observer.keep, liveness.is_open, liveness.cancel),
            *(self._reserve, self._join, self._decide, NotifyActivities((self,)).notify),
            *remembered_clusters(),
            *(self._no_quotas, self._people_as_told, always_open),
        ]

    def _known(self, decision: Decision) -> VerifiedIdentity:
        return identity.check(decision, self.records.identities.get(decision.approver))

    @activity.defn(name="people-of-change")
    async def _people_as_told(self, people: ChangeAuthors, environment: str) -> ChangeAuthors:
        """A rehearsal has no commits: the people are those of the case's event."""
        return people

    @activity.defn(name="admit-run")
    async def _no_quotas(self, demands: list[Demand]) -> list[str]:
        """No cluster is queried in a simulation."""
        return []

    def _mock(self, job: str) -> case_model.MockJob:
        assert self.case is not None
        mocks = self.case.mocks.jobs
        return mocks.get(job) or mocks.get(job.partition("[")[0]) or case_model.MockJob()

    def _order(self, job: str) -> int:
        group, _, index = job.partition("[")
        item = index.rstrip("]")
        return (self.plan.get(job, self.plan.get(group, 0) + (int(item) if item.isdecimal() else 0))) % 100

    def _traffic(self, service: str) -> case_model.MockRelease:
        assert self.case is not None
        return self.case.mocks.releases.get(service) or case_model.MockRelease()

    @activity.defn(name="reserve-release")
    async def _reserve(self, input: ReserveRelease) -> int:
        handle = self.client.get_workflow_handle(keys.environment_id(input.environment))
        number: int = await handle.execute_update("reserve", {"key": input.key}, id=input.key, result_type=int)
        return number

    @activity.defn(name="join-queue")
    async def _join(self, input: Join) -> None:
        """A case is alone: a slot is always free."""
        run = self.client.get_workflow_handle(input.who.partition(" ")[0])
        await run.signal("placed", SlotAnswer(input.who, SlotStatus.GRANTED))

    async def notify(self, notice: Notice) -> None:
        """Acts as notifier: the case's approvers answer requests."""
        self.notices.append(notice.text)
        if notice.kind == "run-ended":
            # time does not skip while this activity runs; afterwards an idle server would skip to the next timer of any
            # workflow, ten years ahead, before anyone has seen that the run has ended
            await self.clock.hold()
            self.held = True
        if notice.kind == "release-held":
            await self.client.get_workflow_handle(notice.subject).execute_update("abort", HELD)
        if notice.kind != "approval-asked" or self.case is None:
            return
        job = notice.subject.rpartition("/")[2]
        self.asked.append(job)
        for index, one in enumerate(decision for decision in self.case.decisions if decision.job == job):
            planned = Planned(notice.subject, one.by, one.answer == "approve", one.comment, one.after + index * APART_S)
            await self.client.start_workflow(
                RehearsedDecision.run, planned, id=f"decision/{notice.subject}/{index}", task_queue=QUEUE
            )

    @activity.defn(name="rehearse-decision")
    async def _decide(self, planned: Planned) -> str:
        """Signed like any decision; the approval itself reports one that does not count."""
        key = private_keys.load(self.folder / "identities", planned.by)
        handle = self.client.get_workflow_handle(planned.approval)
        asked = await handle.query("request", result_type=ApprovalView)
        plain = Decision(
            approver=planned.by,
            approve=planned.approve,
            comment=planned.comment,
            binding=asked.binding,
            expires_at=float(math.floor(asked.expires_at)),
        )
        with suppress(RPCError):  # it has already ended
            answer = await handle.execute_update("decide", identity.sign(key, plain), result_type=dict)
            return str(answer["rule"])
        return "too late"

    # -- running -------------------------------------------------------------------------------------------------

    async def play(self, definition: Checked, case: case_model.Case) -> Observed:
        """Runs one case to its end.

        Raises:
            InvalidDefinitionError, DefinitionError: the pipeline cannot be planned with the given parameters.
        """
        event = event_of(case.given)
        plan = compile_plan(definition, event)
        starts = match(event, listeners(pipeline_of(definition).on))
        if not starts.starts:
            return Observed("not started", starts.reason)
        self.case, self.asked, self.notices = case, [], []
        self.plan = {job.id: index for index, job in enumerate(plan.jobs)}
        self.number += 1
        self._people(case)
        await self._environments(case, plan)
        name = plan.pipeline
        run = keys.run_id(name, self.number)
        input = RunInput(
            pipeline=name, number=self.number, event=event, plan=store_plan(self.store, plan), path=definition.file
        )
        handle = await self.client.start_workflow(
            RunWorkflow.run, input, id=run, task_queue=QUEUE, task_timeout=TASK_TIMEOUT
        )
        try:
            async with asyncio.timeout(CASE_TIMEOUT_S):
                result = await outcome(handle, RunResult)
        except TimeoutError:
            await handle.terminate("the case takes too long")
            await self._clear(plan)
            why = "something waits for what no mock and no decision brings"
            raise SluicewayError("SLW932", f"the run has not ended in {CASE_TIMEOUT_S} real seconds", why=why) from None
        finally:
            if self.held:
                await self.clock.release()
                self.held = False
        described = await handle.describe()
        assert described.close_time is not None
        seconds = (described.close_time - described.start_time).total_seconds()
        await self._clear(plan)
        return self._seen(run, result, seconds)

    def _people(self, case: case_model.Case) -> None:
        for one in case.decisions:
            made = identity.create(self.folder / "identities", one.by, tuple(one.groups), tuple(one.roles))
            self.records.identities.save(made)

    async def _environments(self, case: case_model.Case, plan: Plan) -> None:
        """Registers each environment with its rules and its live versions; those that the case leaves out get the
        closed defaults, so that a case says only what matters to it.
        """
        registered = Environments(self.records.definitions)
        used = [job.environment for job in plan.jobs if names.is_name(job.environment)]
        rules = dict.fromkeys([*registered.names(), *used], EnvironmentApproval())  # also those of earlier cases
        for name, rule in (rules | case.given.environments).items():
            body = {"name": name, "trust": "signed", "approval": json.loads(rule.model_dump_json())}
            registered.register(name, body)
        for environment in {job.environment for job in plan.jobs if job.kind is JobKind.DEPLOY}:
            live = {
                service: [
                    Deployment(
                        service=service,
                        environment=environment,
                        instance="r0",
                        spec=DeploySpec(service=service, version=version),
                    )
                ]
                for service, version in case.given.live.items()
            }
            state = EnvironmentState(name=environment, last=1_000 * self.number, live=live)
            await self.client.start_workflow(
                EnvironmentWorkflow.run, state, id=keys.environment_id(environment), task_queue=QUEUE
            )

    async def _clear(self, plan: Plan) -> None:
        for environment in {job.environment for job in plan.jobs if job.kind is JobKind.DEPLOY}:
            await self.client.get_workflow_handle(keys.environment_id(environment)).terminate("the case is over")

    def _seen(self, run: str, result: RunResult, seconds: float) -> Observed:
        rows = sorted(self.records.runs.last_results(run).values(), key=lambda row: row["ended_at"] or 0)
        jobs = {row["job"]: serial.load(JobResult, row["result"]) for row in rows}
        gates = {row["job"]: "open" if row["status"] == "passed" else "closed" for row in rows if row["kind"] == "gate"}
        releases = {
            row["service"]: json.loads(row["result"]).get("verdict", "") for row in self.records.releases.of_run(run)
        }
        notices = tuple(self.notices)
        return Observed(
            result.status,
            result.reason,
            jobs=jobs,
            asked=tuple(self.asked),
            gates=gates,
            releases=releases,
            notices=notices,
            seconds=seconds,
        )
