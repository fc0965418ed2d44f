"""What people agree to is done by the cluster's own workflow, ends by itself, and can be stopped at every wait."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.workflow import info

from activities.clusters.port import RequestRecord, RequestStep, RequestStepDone, Settled
from activities.clusters.providers.memory import MemoryProvider
from activities.runs.port import ScopeQuestion
from domain.clusters import requests
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Phase
from domain.clusters.requests import STEP, ClusterRequest, RequestKind, RequestStatus
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota
from domain.core.errors import RefusedError, SluicewayError
from tests.support.guards import OpenGuard
from tests.support.lab import Lab, until
from tests.support.programs import program
from tests.support.strict_converter import STRICT
from tests.workflows.clusters.request_stubs import Approved
from tests.workflows.clusters.test_clusters import settled
from workers.client import approvals
from workers.client.clusters import Clusters
from workers.client.on_engine.approvals.approvals import EngineApprovals
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.requests.requests import EngineRequests
from workers.client.ports.pages import PageOf
from workers.client.ports.requests import RequestDetails, RequestFilter, Wish
from workers.worker import temporal
from workflows.clusters.request import RequestWorkflow
from workflows.clusters.request_messages import RequestInput, RequestState, Stop

SPEC = ClusterSpec(
    "edge",
    "memory",
    pools=(NodePool("web", 1),),
    network=Network(isolated=True),
    quotas=(Quota("shop", cpu=8.0, allow_from=("gateway",)),),
)


class Scene:
    """A cluster that is ready, and who asks and decides."""

    def __init__(self, lab: Lab, provider: MemoryProvider) -> None:
        self.lab, self.provider, self.clusters = lab, provider, Clusters(lab.engine)
        self.name = f"c-{secrets.token_hex(4)}"
        self.quota_wish = Wish(
            cluster=self.name, namespace="shop", kind="quota", values={"cpu": 12.0}, reason="the campaign"
        )
        parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
        parts._engine = lab.engine
        self.port, self.inbox = EngineRequests(parts, OpenGuard()), EngineApprovals(parts, OpenGuard())
        lab.identity("ada")

    def opens(self) -> Wish:
        until = int(time.time()) + 86_400
        return replace(
            self.quota_wish, kind="exception", values={}, allow_from=("batch",), reason="an import", until=until
        )

    async def decides(self, id_: str, *, approve: bool = True) -> None:
        async def asked() -> object:
            return await approvals.view(self.lab.engine, id_, STEP)

        await until(asked)
        said = await approvals.sign(self.lab.engine, id_, STEP, "ada", approve, "", self.lab.settings.keys)
        assert (await approvals.decide(self.lab.engine, id_, STEP, said)).counted

    async def reaches(self, id_: str, *statuses: RequestStatus) -> RequestDetails:
        async def there() -> RequestDetails | None:
            found = await self.port.show(id_)
            return found if found.row.status in statuses else None

        return await until(there)

    async def quota(self) -> Quota:
        return (await settled(self.clusters, self.name, Status.READY, Status.DEGRADED)).spec.quotas[0]


@pytest.fixture
async def scene(lab: Lab) -> AsyncIterator[Scene]:
    provider = MemoryProvider()
    lab.wired.clusters.providers["memory"] = provider
    made = Scene(lab, provider)
    await made.clusters.ask(replace(SPEC, name=made.name))
    await settled(made.clusters, made.name, Status.READY)
    yield made
    await made.clusters.delete(made.name)
    await settled(made.clusters, made.name, Status.DELETED)


async def test_a_quota_that_was_agreed_to_is_what_the_cluster_has_and_everybody_reads_the_story(scene: Scene) -> None:
    plan = await scene.port.plan(scene.quota_wish)
    id_ = await scene.port.apply(scene.quota_wish, "k")
    assert await scene.port.apply(scene.quota_wish, "k") == id_ == f"request/{scene.name}/1"
    await until(lambda: scene.inbox.inbox(PageOf(), mine=False))
    (row,) = (await scene.inbox.inbox(PageOf(), mine=False)).items or [None]
    await scene.decides(id_)
    done = await scene.reaches(id_, RequestStatus.APPLIED)

    assert plan.possible
    assert [(one.before, one.after) for one in plan.changes] == [(8.0, 12.0)]
    assert row is None or (row.run, row.job) == (id_, STEP)
    assert (await scene.quota()).cpu == 12.0
    assert done.row.says == "cpu 8 → 12 cores"
    assert done.story[0].words.endswith("the campaign")
    assert "ada" in done.story[1].words
    assert (await scene.inbox.inbox(PageOf(), mine=False)).items == ()
    listed = (await scene.port.list(RequestFilter(cluster=scene.name, status="applied"), PageOf())).items
    assert [one.id for one in listed] == [id_]


async def test_an_exception_is_open_until_somebody_ends_it(scene: Scene) -> None:
    id_ = await scene.port.apply(scene.opens())
    await scene.decides(id_)
    await scene.reaches(id_, RequestStatus.ACTIVE)
    assert (await scene.quota()).allow_from == ("gateway", "batch")

    assert await scene.port.cancel(id_, "the import is done") == "it is taken back"
    ended = await scene.reaches(id_, RequestStatus.ENDED)
    assert (await scene.quota()).allow_from == ("gateway",)
    assert "the import is done" in ended.row.why
    with pytest.raises(SluicewayError) as over:
        await scene.port.cancel(id_, "again")
    assert over.value.code == "SLW973"


async def test_what_is_rejected_or_withdrawn_changes_nothing(scene: Scene) -> None:
    rejected, withdrawn = await scene.port.apply(scene.quota_wish), await scene.port.apply(scene.opens())
    await scene.decides(rejected, approve=False)
    await scene.port.cancel(withdrawn, "not needed")
    assert "rejected by ada" in (await scene.reaches(rejected, RequestStatus.REJECTED)).row.why
    assert "not needed" in (await scene.reaches(withdrawn, RequestStatus.CANCELLED)).row.why
    assert (await scene.clusters.view(scene.name)).spec == replace(SPEC, name=scene.name)
    assert (await scene.inbox.inbox(PageOf(), mine=False)).items == ()


async def test_what_the_cluster_cannot_do_is_taken_back_and_says_why(scene: Scene) -> None:
    scene.provider.failing[Phase.TENANTS] = ["no room"] * 4
    id_ = await scene.port.apply(scene.quota_wish)
    await scene.decides(id_)
    failed = await scene.reaches(id_, RequestStatus.FAILED)
    assert "no room" in failed.row.why
    assert (await scene.quota()).cpu == 8.0


async def test_a_request_waits_while_the_cluster_does_something_else(scene: Scene) -> None:
    first, second = await scene.port.apply(scene.quota_wish), await scene.port.apply(scene.opens())
    await scene.decides(first)
    await scene.decides(second)
    await scene.reaches(first, RequestStatus.APPLIED)
    await scene.reaches(second, RequestStatus.ACTIVE)
    found = await scene.quota()
    assert (found.cpu, found.allow_from) == (12.0, ("gateway", "batch"))


async def test_what_cannot_be_asked_for_asks_nobody(scene: Scene) -> None:
    for wish in (
        replace(scene.quota_wish, values={"cpu": 8.0}),
        replace(scene.quota_wish, reason=""),
        replace(scene.quota_wish, kind="x"),
    ):
        with pytest.raises(RefusedError) as refused:
            await scene.port.apply(wish)
        assert refused.value.code == "SLW971"
    with pytest.raises(SluicewayError) as nowhere:
        await scene.port.plan(replace(scene.quota_wish, cluster="nowhere"))
    assert nowhere.value.code == "SLW907"
    assert (await scene.port.list(RequestFilter(), PageOf())).items == ()


# -- in virtual time --------------------------------------------------------------------------------------------------


class Stubs:
    """A cluster that answers what it is told, and the records of a request."""

    def __init__(self, *answers: RequestStepDone) -> None:
        self.answers, self.steps, self.statuses = list(answers), list[tuple[bool, int]](), list[str]()
        self.settled = Status.READY

    @activity.defn(name="keep-scope")
    async def keep_scope(self, asked: ScopeQuestion) -> str:
        return "d" * 64

    @activity.defn(name="record-request")
    async def record(self, told: RequestRecord) -> None:
        self.statuses += [] if self.statuses[-1:] == [str(told.status)] else [str(told.status)]

    @activity.defn(name="ask-cluster")
    async def ask(self, step: RequestStep) -> RequestStepDone:
        self.steps.append((step.back, step.attempt))
        return self.answers.pop(0) if self.answers else RequestStepDone()

    @activity.defn(name="settle-cluster")
    async def settle(self, name: str) -> Settled:
        return Settled(self.settled)


async def lived(stubs: Stubs, until_s: int, stop: bool = False) -> RequestState:
    """A request whose approval is granted at once, to its end."""
    from temporalio.api.enums.v1 import IndexedValueType
    from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest

    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=program("temporal-test-server"), data_converter=STRICT
    )
    names = ("status", "waiting_for", "cluster", "namespace", "environment")
    keywords = dict.fromkeys(names, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
    async with environment:
        client = environment.client
        await client.operator_service.add_search_attributes(AddSearchAttributesRequest(search_attributes=keywords))
        now = (await environment.get_current_time()).timestamp()
        asked = ClusterRequest(
            "edge",
            "shop",
            RequestKind.EXCEPTION,
            allow_from=("b",),
            reason="r",
            until=int(now) + until_s if until_s else 0,
        )
        activities: list[temporal.Activity] = [stubs.keep_scope, stubs.record, stubs.ask, stubs.settle]
        workflows = [RequestWorkflow, Approved]
        worker = Worker(
            client,
            task_queue="q",
            workflows=workflows,
            activities=activities,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            handle = await client.start_workflow(
                RequestWorkflow.run, RequestInput(asked), id=requests.request_id("edge", 1), task_queue="q"
            )
            if stop:
                await until(lambda: "active" in stubs.statuses)
                await handle.execute_update("stop", Stop("ann", "done"), result_type=str)
            with contextlib.suppress(WorkflowFailureError):
                await handle.result()
            return await handle.query(RequestWorkflow.view)


async def test_an_exception_of_a_month_ends_by_itself() -> None:
    stubs = Stubs()
    ended = await lived(stubs, int(requests.MOST_S))
    assert (ended.status, ended.why) == (RequestStatus.ENDED, "its time is over")
    assert stubs.statuses == ["waiting", "applying", "active", "ending", "ended"]
    assert stubs.steps == [(False, 1), (True, 1)]


async def test_a_busy_cluster_is_asked_again_and_taking_back_never_gives_up() -> None:
    busy = RequestStepDone(refusal="cluster edge is updating", busy=True)
    stubs = Stubs(busy, busy, RequestStepDone(), *[busy] * 5)
    ended = await lived(stubs, 3_600)
    assert ended.status is RequestStatus.ENDED
    assert stubs.steps == [*((False, one) for one in (1, 2, 3)), *((True, one) for one in range(1, 7))]


async def test_taking_back_goes_on_where_its_history_was_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RequestWorkflow, "_must_continue", lambda self: info().get_current_history_length() > 60)
    stubs = Stubs(RequestStepDone(), *[RequestStepDone(refusal="cluster edge is stuck")] * 9)
    ended = await lived(stubs, 3_600)
    assert (ended.status, ended.why) == (RequestStatus.ENDED, "its time is over")
    assert stubs.steps == [(False, 1), *((True, one) for one in range(1, 11))]
    assert stubs.statuses == ["waiting", "applying", "active", "ending", "ended"]
    assert ended.approvers == ("ada",)


async def test_an_exception_ends_with_its_cluster() -> None:
    stubs = Stubs(RequestStepDone(), RequestStepDone(refusal="there is no cluster edge any more", gone=True))
    assert (await lived(stubs, 3_600)).status is RequestStatus.ENDED


async def test_in_a_registered_cluster_nothing_is_waited_for_and_the_way_back_is_tried_until_it_is_done() -> None:
    away = RequestStepDone(refusal="connection refused", busy=True, done=True)
    stubs = Stubs(RequestStepDone(done=True), away, away, RequestStepDone(done=True))
    stubs.settled = Status.STUCK
    ended = await lived(stubs, 3_600)
    assert (ended.status, ended.why) == (RequestStatus.ENDED, "its time is over")
    assert stubs.steps == [(False, 1), (True, 1), (True, 2), (True, 3)]


async def test_what_a_registered_cluster_refuses_after_it_was_begun_is_taken_back() -> None:
    stubs = Stubs(RequestStepDone(refusal="forbidden", done=True), RequestStepDone(done=True))
    ended = await lived(stubs, 3_600)
    assert (ended.status, ended.why) == (RequestStatus.FAILED, "forbidden")
    assert stubs.steps == [(False, 1), (True, 1)]
