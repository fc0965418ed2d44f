"""Somebody who reaches the server, has no key, and copies what he finds there: nothing of it is followed."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from temporalio.api.command.v1 import Command, RecordMarkerCommandAttributes
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import CommandType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import ActivityFailureError, Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from domain.authority.hiding import Hiding
from domain.authority.seals import CODE
from domain.core.errors import SluicewayError
from tests.support.lab import connect, ring_of, until
from tests.support.probe import LIMIT, Probe, ProbeOfHeartbeats, Refusing, probed, resumed, resumed_with
from tests.support.strangers import NAME, Stranger, plain
from workers.worker import temporal


@dataclass
class Field:
    """A worker of ours, and a stranger on the same server."""

    queue: str
    client: Client
    stranger: Stranger
    home: Path
    refused: list[tuple[str, ...]] = field(default_factory=list)

    def tell(self, *said: str) -> None:
        self.refused.append(said)

    async def probe(self, asks: str = "") -> str:
        """An execution of ours; returns its id."""
        id_ = f"probe/{secrets.token_hex(6)}"
        await self.client.start_workflow(Probe.run, asks, id=id_, task_queue=self.queue)
        return id_

    async def told(self, id_: str) -> list[str]:
        handle = self.client.get_workflow_handle(id_)
        return await handle.query(Probe.told)

    async def ended(self, id_: str) -> list[str]:
        """What it was told, once our own `end` has reached it, after everything before."""
        handle = self.client.get_workflow_handle(id_)
        await handle.signal(Probe.tell, "end")
        return await handle.result()

    async def why(self, id_: str) -> str:
        """Why an execution has failed."""
        with pytest.raises(WorkflowFailureError) as failed:
            await self.client.get_workflow_handle(id_).result()
        cause: BaseException | None = failed.value.cause
        while cause is not None and not (isinstance(cause, ApplicationError) and cause.type == CODE):
            cause = cause.__cause__
        return str(cause)


@pytest.fixture(params=["plain", pytest.param("encrypted", marks=pytest.mark.system)])
async def here(request: pytest.FixtureRequest, temporal_address: str, tmp_path: Path) -> AsyncIterator[Field]:
    ring_of(tmp_path).hide(request.param == "encrypted")
    async with opened(temporal_address, tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(address: str, home: Path) -> AsyncIterator[Field]:
    client, queue = await connect(address, home), f"test-{uuid.uuid4()}"
    made = Field(queue, client, await Stranger.at(address), home)
    async with temporal.worker(
        client,
        [probed, resumed, resumed_with],
        ring_of(home),
        queue,
        more=[Probe, ProbeOfHeartbeats, Refusing],
        grace_s=0.05,
        debug=True,
        tell=made.tell,
    ):
        yield made


async def payloads(here: Field, id_: str, what: str) -> list[Payload]:
    """What the history of an execution holds, for everybody who reads it."""
    event = (await here.stranger.events(id_, what))[0]
    match what:
        case "workflow_execution_started_event_attributes":
            return list(event.workflow_execution_started_event_attributes.input.payloads)
        case "workflow_execution_signaled_event_attributes":
            return list(event.workflow_execution_signaled_event_attributes.input.payloads)
        case "activity_task_completed_event_attributes":
            return list(event.activity_task_completed_event_attributes.result.payloads)
        case "activity_task_scheduled_event_attributes":
            return list(event.activity_task_scheduled_event_attributes.input.payloads)
        case "workflow_execution_update_accepted_event_attributes":
            accepted = event.workflow_execution_update_accepted_event_attributes
            return list(accepted.accepted_request.input.args.payloads)
    raise AssertionError(what)


STARTED = "workflow_execution_started_event_attributes"
SIGNALLED = "workflow_execution_signaled_event_attributes"


async def test_what_our_own_processes_say_is_followed(here: Field):
    id_ = await here.probe(here.queue)
    handle = here.client.get_workflow_handle(id_)
    await handle.signal(Probe.tell, "a")
    await handle.signal(Probe.again)
    assert await handle.execute_update(Probe.change, "b") == "changed b"
    assert await handle.query(Probe.echo, "c") == "c"
    assert sorted(await here.ended(id_)) == ["a", "again", "changed b", "end", "probed it"]
    assert here.refused == []


async def test_a_start_of_a_stranger_fails_at_once_and_says_who_sent_it(here: Field):
    id_ = f"probe/{secrets.token_hex(6)}"
    await here.stranger.start("Probe", id_, here.queue, plain(""))
    assert CODE in await here.stranger.failure(id_)
    assert here.refused == [("start", "Probe", id_, "it has no seal", NAME)]


async def test_a_start_that_is_copied_into_another_execution_fails(here: Field):
    first, id_ = await here.probe(), f"probe/{secrets.token_hex(6)}"
    copied = await payloads(here, first, STARTED)
    await here.stranger.start("Probe", id_, here.queue, copied)
    assert CODE in await here.stranger.failure(id_)
    await here.stranger.start("Scheduled", f"{first}-2026-11-28T03:00:00Z", here.queue, copied)
    assert CODE in await here.stranger.failure(f"{first}-2026-11-28T03:00:00Z")


@pytest.mark.parametrize("name", ["tell", "warn", "again"])
async def test_a_signal_of_a_stranger_is_dropped_and_told(here: Field, name: str):
    id_ = await here.probe()
    await here.stranger.signal(id_, name, [] if name == "again" else plain("x"))
    assert await here.ended(id_) == ["end"]
    assert here.refused == [("signal", name, id_, "it has no seal", NAME)]


async def test_a_signal_that_is_sent_again_or_as_another_or_elsewhere_is_dropped(here: Field):
    first, other = await here.probe(), await here.probe()
    await here.client.get_workflow_handle(first).signal(Probe.tell, "once")
    copied = await payloads(here, first, SIGNALLED)
    await here.stranger.signal(first, "tell", copied)
    await here.stranger.signal(first, "warn", copied)
    await here.stranger.signal(other, "tell", copied)
    assert await here.ended(first) == ["once", "end"]
    assert await here.ended(other) == ["end"]
    assert len(here.refused) == 3


async def test_a_signal_without_arguments_is_sealed_too_and_counts_once(here: Field):
    id_ = await here.probe()
    await here.client.get_workflow_handle(id_).signal(Probe.again)
    sent = (await here.stranger.events(id_, SIGNALLED))[0].workflow_execution_signaled_event_attributes
    await here.stranger.signal(id_, "again", [], dict(sent.header.fields))
    assert await here.ended(id_) == ["again", "end"]


async def test_a_query_s_arguments_are_no_signal(here: Field):
    id_ = await here.probe()
    started = await payloads(here, id_, STARTED)
    await here.stranger.signal(id_, "tell", started)
    assert await here.ended(id_) == ["end"]


async def test_an_update_of_a_stranger_or_one_that_is_copied_is_answered_with_the_code(here: Field):
    id_ = await here.probe()
    assert CODE in await here.stranger.update(id_, "change", plain("x"), "u1")
    await here.client.get_workflow_handle(id_).execute_update(Probe.change, "mine", id="u2")
    copied = await payloads(here, id_, "workflow_execution_update_accepted_event_attributes")
    assert CODE in await here.stranger.update(id_, "change", copied, "u3")
    assert await here.ended(id_) == ["changed mine", "end"]


async def test_a_query_with_a_stranger_s_arguments_is_answered_with_the_code(here: Field):
    id_ = await here.probe()
    with pytest.raises(RPCError, match=CODE):
        await here.stranger.query(id_, "echo", plain("x"))
    readable = ring_of(here.home).hiding is Hiding.NEVER  # what is in the history anyway, as it is there
    assert (b"[]" in await here.stranger.query(id_, "told", [])) is readable
    assert await here.ended(id_) == ["end"]


async def test_the_result_of_an_activity_that_a_stranger_s_worker_makes_is_a_failure(here: Field):
    queue = f"rogue-{uuid.uuid4()}"
    id_ = await here.probe(queue)
    assert await here.stranger.answer_activity(queue, plain("passed")) == "probed"
    assert CODE in await here.why(id_)


async def test_neither_is_a_result_that_is_copied_from_another_execution(here: Field):
    genuine = await here.probe(here.queue)
    await here.ended(genuine)
    copied = await payloads(here, genuine, "activity_task_completed_event_attributes")
    queue = f"rogue-{uuid.uuid4()}"
    id_ = await here.probe(queue)
    await here.stranger.answer_activity(queue, copied)
    assert "seal" in await here.why(id_)


@pytest.mark.parametrize("copied", [True, False])
async def test_neither_is_one_of_a_local_activity_that_a_stranger_s_worker_wrote_into_the_history(
    temporal_address: str, tmp_path: Path, copied: bool
):
    async with opened(temporal_address, tmp_path) as here:
        genuine = await here.probe("local")
        told = await here.ended(genuine)
        event = (await here.stranger.events(genuine, "marker_recorded_event_attributes"))[0]
        marker = event.marker_recorded_event_attributes
    assert set(told) == {"probed it", "end"}
    if not copied:
        del marker.details["result"].payloads[:]
        marker.details["result"].payloads.extend(plain("granted"))
    queue, id_ = f"later-{uuid.uuid4()}", f"probe/{secrets.token_hex(6)}"
    await here.client.start_workflow(Probe.run, "local", id=id_, task_queue=queue)
    said = RecordMarkerCommandAttributes(marker_name=marker.marker_name, details=marker.details)
    command = Command(command_type=CommandType.COMMAND_TYPE_RECORD_MARKER, record_marker_command_attributes=said)
    await here.stranger.command(queue, id_, [command])
    await here.stranger.signal(id_, "again", [])  # so that there is a next task
    async with temporal.worker(here.client, [probed], ring_of(tmp_path), queue, more=[Probe], grace_s=0.05, debug=True):
        assert CODE in await here.why(id_)


@pytest.mark.parametrize("result", [plain(["granted"]), []])
async def test_a_child_that_a_stranger_s_worker_ends_has_failed(here: Field, result: list[Payload]):
    queue = f"rogue-{uuid.uuid4()}"
    id_ = await here.probe(f"child:{queue}")
    await here.stranger.end_workflow(queue, f"{id_}/child", result)
    assert CODE in await here.why(id_)


async def test_a_command_does_not_believe_a_result_that_a_stranger_s_worker_has_made(here: Field):
    queue, id_ = f"rogue-{uuid.uuid4()}", f"probe/{secrets.token_hex(6)}"
    handle = await here.client.start_workflow(Probe.run, "", id=id_, task_queue=queue)
    await here.stranger.end_workflow(queue, id_, plain(["granted"]))
    with pytest.raises(SluicewayError) as refused:
        await handle.result()
    assert refused.value.code == CODE


async def test_an_activity_that_no_workflow_asks_for_is_not_begun(here: Field):
    asked = here.stranger.client
    handle = await asked.start_activity(
        "probed", "it", id=f"a-{secrets.token_hex(6)}", task_queue=here.queue, start_to_close_timeout=LIMIT
    )
    with pytest.raises(ActivityFailureError) as failed:
        await handle.result()
    assert CODE in str(failed.value.__cause__)
    assert here.refused[0][:2] == ("activity", "probed")


async def test_a_start_that_is_sent_again_once_its_execution_has_ended_begins_nothing(here: Field):
    id_ = await here.probe()
    copied = await payloads(here, id_, STARTED)
    await here.ended(id_)
    await here.stranger.start("Probe", id_, here.queue, copied)
    assert "it began another execution" in await here.stranger.failure(id_)


async def test_an_execution_that_was_reset_goes_on_with_what_it_had(here: Field):
    """What a stranger may do and an operator too: from an earlier point, with the results before it."""
    id_ = await here.probe(here.queue)
    handle = here.client.get_workflow_handle(id_)
    await handle.signal(Probe.tell, "a")
    await until(lambda: has(here, id_, "probed it", "a"))
    last = (await here.stranger.events(id_, "workflow_task_completed_event_attributes"))[-1]
    asked = ResetWorkflowExecutionRequest(
        namespace="default", workflow_execution=WorkflowExecution(workflow_id=id_), reason="again",
        workflow_task_finish_event_id=last.event_id, request_id=id_,
    )  # fmt: skip
    await here.stranger.client.workflow_service.reset_workflow_execution(asked)
    assert {"probed it", "a", "end"} <= set(await here.ended(id_))
    assert here.refused == []


async def has(here: Field, id_: str, *wanted: str) -> bool:
    return set(wanted) <= set(await here.told(id_))


async def test_a_signal_that_is_sent_again_after_its_execution_continued_as_new_is_dropped(here: Field):
    id_ = await here.probe()
    handle = here.client.get_workflow_handle(id_)
    await handle.signal(Probe.tell, "a")
    copied = await payloads(here, id_, SIGNALLED)
    first = (await handle.describe()).run_id
    await handle.signal(Probe.tell, "renew")
    await until(lambda: renewed(here, id_, first))
    await here.stranger.signal(id_, "tell", copied)
    await handle.signal(Probe.tell, "b")
    assert await here.ended(id_) == ["b", "end"]
    assert [said[3] for said in here.refused] == ["it was sent before"]


async def renewed(here: Field, id_: str, first: str) -> bool:
    return (await here.client.get_workflow_handle(id_).describe()).run_id != first


async def test_an_activity_remembers_its_own_heartbeats(here: Field):
    """The one without arguments too."""
    id_ = f"probe/{secrets.token_hex(6)}"
    handle = await here.client.start_workflow(ProbeOfHeartbeats.run, [here.queue] * 2, id=id_, task_queue=here.queue)
    assert await handle.result() == [["was here"], ["was here"]]


async def test_an_activity_does_not_remember_what_a_stranger_s_worker_said(temporal_address: str, tmp_path: Path):
    queues, id_ = [f"later-{uuid.uuid4()}" for _ in range(2)], f"probe/{secrets.token_hex(6)}"
    async with opened(temporal_address, tmp_path) as here:
        handle = await here.client.start_workflow(ProbeOfHeartbeats.run, queues, id=id_, task_queue=here.queue)
        for count, queue in enumerate(queues, 1):
            await here.stranger.fail_activity(queue, plain("was not here"))
            ours = temporal.worker(
                here.client, [resumed, resumed_with], ring_of(tmp_path), queue, grace_s=0.05, debug=True
            )
            async with ours:
                await until(partial(resolved, here, id_, count))
        assert await handle.result() == [[], []]


async def resolved(here: Field, id_: str, count: int) -> bool:
    return len(await here.stranger.events(id_, "activity_task_completed_event_attributes")) == count
