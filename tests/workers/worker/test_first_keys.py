"""An engine that knew no seals is upgraded: what it has begun goes on, and nobody else profits by that."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.worker import Worker

from domain.authority.seals import CODE
from domain.authority.strays import KEPT_S, PATIENCE_S
from tests.support.lab import connect, ring_of, until
from tests.support.probe import Probe, probed
from tests.support.strangers import Stranger, plain
from workers.core import connection
from workers.core.keyring import Keyring
from workers.core.refused import Refusals, read
from workers.worker import first_keys, temporal
from workers.worker.strays import Strays
from workflows.scans.messages import RescanInput


@asynccontextmanager
async def before(address: str, home: Path, queue: str) -> AsyncIterator[Client]:
    """The engine as it was: a worker and a client without keys."""
    client = await connection.connect(address, ring=Keyring.of_home(home))
    async with Worker(client, task_queue=queue, workflows=[Probe], workflow_runner=temporal.runner(), debug_mode=True):
        yield client


@asynccontextmanager
async def upgraded(address: str, home: Path, queue: str) -> AsyncIterator[Client]:
    client = await connect(address, home)
    async with temporal.worker(client, [probed], ring_of(home), queue, more=[Probe], grace_s=0.05, debug=True):
        yield client


@pytest.mark.parametrize("asks", ["", "activity", "child"])
async def test_what_began_without_seals_goes_on_and_nothing_else_does(
    temporal_address: str, tmp_path: Path, asks: str
) -> None:
    queue, later = f"test-{uuid.uuid4()}", f"later-{uuid.uuid4()}"
    id_, stranger = f"probe/{secrets.token_hex(6)}", await Stranger.at(temporal_address)
    asked = {"": "", "activity": later, "child": f"child:{later}"}[asks]
    async with before(temporal_address, tmp_path, queue) as client:
        handle = await client.start_workflow(Probe.run, asked, id=id_, task_queue=queue)
        await handle.signal(Probe.tell, "before")
        await until(lambda: heard(client, id_, "before"))
        ring = Keyring.of_home(tmp_path)
        for open_ in (id_, f"{id_}/child") if asks == "child" else (id_,):
            await until(partial(listed, client, open_, ring))
        assert await first_keys.make(client, ring, {queue, later}, used=True)
    async with upgraded(temporal_address, tmp_path, queue) as ours, upgraded(temporal_address, tmp_path, later):
        told = ours.get_workflow_handle(id_)
        if asks == "child":
            await ours.get_workflow_handle(f"{id_}/child").signal(Probe.tell, "end")
        await told.signal(Probe.tell, "end")
        assert {"before", "end"} <= set(await told.result())
        another = f"probe/{secrets.token_hex(6)}"
        await stranger.start("Probe", another, queue, plain(""))
        assert CODE in await stranger.failure(another)


async def heard(client: Client, id_: str, what: str) -> bool:
    return what in await client.get_workflow_handle(id_).query(Probe.told)


async def listed(client: Client, id_: str, ring: Keyring) -> bool:
    return any([one.id == id_ async for one in client.list_workflows("ExecutionStatus = 'Running'")])


async def test_the_list_ends_with_the_upgrade_and_the_minute_after_it(temporal_address: str, tmp_path: Path) -> None:
    queue, id_ = f"test-{uuid.uuid4()}", f"probe/{secrets.token_hex(6)}"
    async with before(temporal_address, tmp_path, queue) as client:
        handle = await client.start_workflow(Probe.run, "", id=id_, task_queue=queue)
        await handle.signal(Probe.tell, "before")
        await until(lambda: heard(client, id_, "before"))
        assert handle.result_run_id
        Keyring.of_home(tmp_path).make([handle.result_run_id], grace_s=0)
    stranger = await Stranger.at(temporal_address)
    async with upgraded(temporal_address, tmp_path, queue) as ours:
        await stranger.signal(id_, "tell", plain("after"))
        told = ours.get_workflow_handle(id_)
        await told.signal(Probe.tell, "end")
        assert await told.result() == ["before", "end"]
        await until(lambda: forgotten(ours, tmp_path))


async def forgotten(client: Client, home: Path) -> bool:
    await first_keys.tidy_once(client, Keyring.of_home(home), time.time())
    return not Keyring.of_home(home).all().before


async def test_a_new_home_trusts_nothing_that_is_there_already(temporal_address: str, tmp_path: Path) -> None:
    queue, id_ = f"test-{uuid.uuid4()}", f"probe/{secrets.token_hex(6)}"
    stranger, ring = await Stranger.at(temporal_address), Keyring.of_home(tmp_path)
    await stranger.start("Probe", id_, queue, plain(""))
    await until(lambda: listed(stranger.client, id_, ring))
    assert not await first_keys.make(stranger.client, ring, {queue}, used=False)
    async with upgraded(temporal_address, tmp_path, queue):
        assert CODE in await stranger.failure(id_)


def due(queue: str, id_: str) -> Schedule:
    action = ScheduleActionStartWorkflow("Rescan", RescanInput(), id=id_, task_queue=queue)
    every = ScheduleSpec(intervals=[ScheduleIntervalSpec(timedelta(days=1))])
    return Schedule(action=action, spec=every, state=ScheduleState(paused=True))


async def test_schedules_of_the_version_before_are_sealed_and_those_of_strangers_are_not(
    temporal_address: str, tmp_path: Path
) -> None:
    queue, name = f"test-{uuid.uuid4()}", f"rescan-{secrets.token_hex(4)}"
    old = await connection.connect(temporal_address, ring=Keyring.of_home(tmp_path))
    schedule = await old.create_schedule(f"schedule/{name}", due(queue, name))
    client = await connect(temporal_address, tmp_path)
    await until(lambda: sealed(client, queue))
    foreign = await old.create_schedule(f"schedule/{name}/x", due(queue, f"{name}x"))
    await schedule.trigger()
    await foreign.trigger()

    refusals = Refusals(tmp_path)
    strays = Strays(client, ring_of(tmp_path), refusals, {queue}, {"Rescan"}, alone=False)
    ended = await until(lambda: strays.end(time.time() + 2 * PATIENCE_S))
    assert [id_.startswith(f"{name}x-") for id_ in ended] == [True]
    mine = [one async for one in client.list_workflows(f"TaskQueue = '{queue}' and ExecutionStatus = 'Running'")]
    assert [one.id.startswith(f"{name}-") for one in mine] == [True]
    assert "SLW002" in await why(client, ended[0])
    for left in (schedule, foreign):
        await left.delete()
    await client.get_workflow_handle(mine[0].id).terminate()


async def sealed(client: Client, queue: str) -> bool:
    """Schedules appear in lists after a moment."""
    await first_keys.seal_schedules(client, {queue})
    found = [one async for one in await client.list_schedules()]
    for one in found:
        action = (await client.get_schedule_handle(one.id).describe()).schedule.action
        if isinstance(action, ScheduleActionStartWorkflow) and action.task_queue == queue:
            return "seal" in action.args[0].metadata
    return False


async def why(client: Client, id_: str) -> str:
    events = (await client.get_workflow_handle(id_).fetch_history()).events
    return events[-1].workflow_execution_terminated_event_attributes.reason


@pytest.mark.parametrize(("type_", "reason"), [("Nothing", "there is no workflow"), ("Probe", "was not sent by this")])
async def test_an_execution_that_cannot_start_is_ended_and_counted_and_ours_is_left(
    temporal_address: str, tmp_path: Path, type_: str, reason: str
) -> None:
    """No worker runs: what ours have begun waits for one, what a stranger has begun has nothing to wait for."""
    queue = f"test-{uuid.uuid4()}"
    client, stranger = await connect(temporal_address, tmp_path), await Stranger.at(temporal_address)
    refusals = Refusals(tmp_path)
    strays = Strays(client, ring_of(tmp_path), refusals, {queue}, {"Probe"}, alone=False)
    own, id_ = f"probe/{secrets.token_hex(6)}", f"junk/{secrets.token_hex(6)}"
    await client.start_workflow(Probe.run, "", id=own, task_queue=queue)
    await stranger.start(type_, id_, queue, plain({}))
    assert await until(lambda: strays.end(time.time() + 2 * PATIENCE_S)) == [id_]
    assert reason in await why(client, id_)
    refusals.flush()
    assert (read(tmp_path).executions, read(tmp_path).identity) == (1, "7@mallory")
    assert await strays.end(time.time()) == []
    await client.get_workflow_handle(own).terminate()


async def test_a_key_is_kept_while_a_schedule_s_arguments_are_sealed_with_it(
    temporal_address: str, tmp_path: Path
) -> None:
    client, ring = await connect(temporal_address, tmp_path), ring_of(tmp_path)
    name = f"rescan-{secrets.token_hex(4)}"
    schedule = await client.create_schedule(f"schedule/{name}", due("nowhere", name))
    old, new = ring.all().keys[-1].id, ring.rotate()
    far = time.time() + 2 * KEPT_S

    async def known() -> bool:
        return old in await first_keys.in_schedules(client, ring)

    await until(known)
    assert await first_keys.tidy_once(client, ring, far) == []
    await schedule.delete()
    await until(lambda: gone(client, ring, old))
    assert [key.id for key in ring.all().keys] == [old, new]


async def gone(client: Client, ring: Keyring, key: str) -> bool:
    return key not in await first_keys.in_schedules(client, ring)
