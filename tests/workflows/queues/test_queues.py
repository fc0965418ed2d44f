"""Concurrency groups of runs and of jobs, on a real server."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from temporalio import activity

from domain.core import ids as keys
from tests.support.lab import HEAD, Lab, Repo, until
from tests.support.profile import first_of
from workers.client import queues
from workers.client import runs as run_calls
from workers.client.waiting import waits
from workflows.queues import queue
from workflows.queues.messages import AskSlot, QueueState
from workflows.queues.queue import QueueWorkflow
from workflows.releases.environment import EnvironmentWorkflow
from workflows.releases.messages import EnvironmentState

HOLD = """jobs:
  hold:
    run: while ! test -e "$GATE"; do sleep 0.02; done
    env: {GATE: "%s"}
"""


class Group:
    """A concurrency group, and runs that hold their place until they are let go."""

    def __init__(self, lab: Lab, terms: str = "", level: str = "runs") -> None:
        self.lab, self.name, self.level = lab, f"g-{secrets.token_hex(4)}", level
        self.terms, self.gate = terms, lab.settings.home / f"open-{self.name}"
        self.repo: Repo | None = None

    async def start(self, terms: str = "", more: str = "", **event) -> str:
        block = f"concurrency: {{group: {self.name}{terms or self.terms}}}\n"
        gate = HOLD % self.gate
        head, jobs = (block + more, gate) if self.level == "runs" else (more, f"{gate}    {block}")
        files = {"sluiceway.yaml": HEAD.format(name=self.name) + head + jobs}
        if self.repo is None:  # one pipeline: another one would cancel nothing of this one
            self.repo = self.lab.repo(files, self.name)
        else:
            self.repo.commit(files)
        answer = await self.lab.deliver(self.repo, self.name, **event)
        assert answer.run, answer.reason
        return answer.run

    async def state(self) -> QueueState:
        handle = self.lab.engine.client.get_workflow_handle(keys.queue_id(self.level, self.name))
        state: QueueState = await handle.query("state", result_type=QueueState)
        return state

    async def until_waiting(self, count: int, holding: int = 1) -> QueueState:
        async def there():
            state = await self.state()
            right = (len(state.queue.waiting), len(state.queue.holders)) == (count, holding)
            return state if right else None

        return await until(there)

    def open(self) -> None:
        self.gate.touch()


@pytest.mark.parametrize("level", first_of("runs", "jobs"))
async def test_one_after_the_other_and_each_is_told_its_place(lab: Lab, level):
    group = Group(lab, level=level)
    first = await group.start()
    await group.until_waiting(0)
    second = await group.start()
    await group.until_waiting(1)
    third = await group.start()
    await group.until_waiting(2)

    async def told():
        waiting = (await run_calls.view(lab.engine, third)).waiting_for
        return waiting and f"a slot in {group.name}: place 2 of 2" in waiting[0]

    await until(told)
    (place,) = await waits(lab.engine, await run_calls.view(lab.engine, third), ())
    assert f"a slot in queue/{level}/{group.name}: place 2 of 2" in place, "the queue says it, and nobody else"
    group.open()
    assert [(await lab.result(run)).status for run in (first, second, third)] == ["passed"] * 3
    began = [lab.records.runs.jobs(run)[0]["started_at"] for run in (first, second, third)]
    assert began == sorted(began)
    assert (await group.until_waiting(0, 0)).queue.hold_s > 0


async def test_as_many_run_as_the_limit_says(lab: Lab):
    group = Group(lab, ", limit: 2")
    runs = [await group.start() for _ in range(4)]
    await group.until_waiting(2, holding=2)
    group.open()

    assert [(await lab.result(run)).status for run in runs] == ["passed"] * 4


async def test_cancel_pending_takes_the_place_of_who_waits(lab: Lab):
    group = Group(lab, ", mode: cancel-pending")
    first = await group.start()
    await group.until_waiting(0)
    second = await group.start()
    await group.until_waiting(1)
    third = await group.start()
    result = await lab.result(second)

    assert (result.status, result.reason) == ("cancelled", f"superseded by {third}")
    group.open()
    assert [(await lab.result(run)).status for run in (first, third)] == ["passed", "passed"]


@pytest.mark.parametrize("level", first_of("runs", "jobs"))
async def test_cancel_running_stops_the_one_that_runs_and_then_goes(lab: Lab, level):
    group = Group(lab, ", mode: cancel-running", level)
    first = await group.start()
    await until(lambda: [row for row in lab.records.runs.jobs(first) if row["status"] == "running"])
    second = await group.start()
    result = await lab.result(first)

    assert (result.status, f"{second}" in result.reason) == ("cancelled", True)
    group.open()
    assert (await lab.result(second)).status == "passed"


@pytest.mark.parametrize("level", first_of("runs", "jobs"))
async def test_reject_ends_at_once_and_says_who_is_there(lab: Lab, level):
    group = Group(lab, ", mode: reject", level)
    first = await group.start()
    await group.until_waiting(0)
    result = await lab.result(await group.start())

    assert (result.status, first in result.reason) == ("refused", True)
    group.open()
    assert (await lab.result(first)).status == "passed"


@pytest.mark.system
async def test_the_priority_of_a_run_decides_who_goes_next(lab: Lab):
    group = Group(lab, ", order: priority")
    first = await group.start()
    await group.until_waiting(0)
    later = await group.start(more="priority: 5\n")
    urgent = await group.start(more="priority: \"${{ event.branch == 'hotfix' ? 1 : 3 }}\"\n", branch="hotfix")
    state = await group.until_waiting(2)

    assert [place.who for place in state.queue.in_order()] == [urgent, later]
    group.open()
    for run in (first, urgent, later):
        await lab.result(run)


@pytest.mark.parametrize("how", first_of("terminate", "cancel", "cancel by Temporal"))
async def test_a_holder_that_dies_in_whatever_way_gives_its_place_to_the_next(lab: Lab, how, monkeypatch):
    monkeypatch.setattr(queue, "LOOK", timedelta(milliseconds=200))
    group = Group(lab)
    first = await group.start()
    await group.until_waiting(0)
    second = await group.start()
    await group.until_waiting(1)
    handle = lab.engine.client.get_workflow_handle(first)
    match how:
        case "terminate":
            await handle.terminate()
        case "cancel":
            await run_calls.cancel(lab.engine, first, "x")
        case _:
            await handle.cancel()
    group.open()

    assert (await lab.result(second)).status == "passed"
    await group.until_waiting(0, 0)


@pytest.mark.parametrize("how", first_of("terminate", "cancel"))
async def test_who_gives_up_while_it_waits_is_not_waited_for(lab: Lab, how):
    group = Group(lab)
    first = await group.start()
    await group.until_waiting(0)
    second = await group.start()
    await group.until_waiting(1)
    third = await group.start()
    await group.until_waiting(2)
    handle = lab.engine.client.get_workflow_handle(second)
    await (handle.terminate() if how == "terminate" else run_calls.cancel(lab.engine, second, "no more"))
    group.open()

    assert [(await lab.result(run)).status for run in (first, third)] == ["passed", "passed"]
    await group.until_waiting(0, 0)


async def test_the_queue_shows_its_places_in_the_temporal_ui_and_ends_when_nobody_is_there(lab: Lab, monkeypatch):
    monkeypatch.setattr(queue, "IDLE", timedelta(milliseconds=300))
    group = Group(lab)
    first = await group.start()
    await group.until_waiting(0)
    await group.start()
    await group.until_waiting(1)
    handle = lab.engine.client.get_workflow_handle(keys.queue_id("runs", group.name))

    async def shown() -> str:
        details = str(await handle.query("__temporal_workflow_metadata"))
        return details if "1 of 1 slots are taken, 1 wait (fifo)" in details else ""

    assert f"| {first} |" in await until(shown)
    group.open()
    await handle.result()


async def test_who_asks_while_holders_are_looked_at_is_told_its_place_once(temporal_address, tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "IDLE", timedelta(milliseconds=50))
    looking, go_on = asyncio.Event(), asyncio.Event()

    @activity.defn(name="who-is-gone")
    async def gone(workflow_ids: list[str]) -> list[str]:
        looking.set()
        await go_on.wait()
        return []

    async with Lab.on(temporal_address, tmp_path, [gone]) as lab:
        start, on = lab.engine.client.start_workflow, lab.engine.queue
        askers = [f"asker/{secrets.token_hex(4)}" for _ in range(2)]
        for one in askers:
            await start("Environment", EnvironmentState(name=one, holder="release/x/1"), id=one, task_queue=on)
        id_, asks = f"queue/{secrets.token_hex(4)}", [AskSlot(askers[0])]
        handle = await start(
            "Queue", QueueState("g"), id=id_, task_queue=on, start_signal="ask", start_signal_args=asks
        )
        await looking.wait()
        await handle.signal(QueueWorkflow.ask, AskSlot(askers[1]))
        go_on.set()

        async def told():
            events = [event async for event in handle.fetch_history_events()]
            signals = [one.signal_external_workflow_execution_initiated_event_attributes for one in events]
            return [one.workflow_execution.workflow_id for one in signals if one.signal_name]

        async def both():
            return len(await told()) > 1

        await until(both)
        assert await told() == askers
        for one in (handle.id, *askers):
            await lab.engine.client.get_workflow_handle(one).terminate()


async def test_a_group_without_a_name_fails_the_job_with_that_reason(lab: Lab):
    result, _ = await lab.run(
        "jobs:\n  a:\n    outputs: {name: string}\n    run: echo name= >> $SLUICEWAY_OUTPUT\n"
        "  b:\n    needs: a\n    concurrency: \"${{ needs.a.outputs.name }}\"\n    run: 'true'\n"
    )
    assert "the name of the concurrency group is empty" in result.reason


async def test_everybody_in_any_queue_can_be_seen_environments_among_them(lab: Lab):
    group = Group(lab)
    first = await group.start()
    await group.until_waiting(0)
    await lab.engine.client.start_workflow(
        EnvironmentWorkflow.run,
        EnvironmentState(name=group.name, holder="release/x/1", queue=["release/x/2"]),
        id=keys.environment_id(group.name),
        task_queue=lab.engine.queue,
    )

    async def seen():
        found = await queues.states(lab.engine)
        run, environment = found.get(keys.queue_id("runs", group.name)), found.get(keys.environment_id(group.name))
        return run and environment and (run, environment)

    run, environment = await until(seen)
    assert [place.who for place in run.holders] == [first]
    assert [place.who for place in environment.waiting] == ["release/x/2"]
    group.open()
    await lab.result(first)
