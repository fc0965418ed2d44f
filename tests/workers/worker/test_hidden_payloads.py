"""Encrypted payloads, with a real server: nothing that is said lies there in plain text, and all of it is understood."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from domain.authority.hiding import ENCODING
from tests.support.lab import until
from tests.support.probe import Probe, Refusing
from tests.workers.worker.test_attack_messages import SIGNALLED, STARTED, Field, opened, payloads
from workers.core.keyring import Keyring

WORD = "quicksilver"


def ring(here: Field) -> Keyring:
    return Keyring.of_home(here.home)


async def history(here: Field, id_: str) -> str:
    """What whoever reads the server's database reads, decoded where it is Base64."""
    events = [one async for one in here.stranger.client.get_workflow_handle(id_).fetch_history_events()]
    return "".join(decoded(MessageToDict(one)) for one in events)


def decoded(found: object) -> str:
    """All texts of a JSON value, and what those are that are Base64."""
    if isinstance(found, dict | list):
        return "\n".join(map(decoded, found.values() if isinstance(found, dict) else found))
    try:
        return f"{found} {base64.b64decode(str(found), validate=True).decode('latin-1')}"
    except ValueError:
        return str(found)


async def started(here: Field, asks: str) -> str:
    id_ = f"probe/{secrets.token_hex(6)}"
    await here.client.start_workflow(
        Probe.run, asks, id=id_, task_queue=here.queue, static_summary=WORD, static_details=WORD, memo={"x": WORD}
    )
    return id_


async def test_without_that_choice_it_does_lie_there(temporal_address: str, tmp_path: Path):
    async with opened(temporal_address, tmp_path) as here:
        assert WORD in await history(here, await started(here, ""))


async def test_no_word_lies_on_the_server_and_every_one_is_understood(temporal_address: str, tmp_path: Path):
    async with opened(temporal_address, tmp_path) as here:
        ring(here).hide(True)
        id_ = await started(here, here.queue)
        handle = here.client.get_workflow_handle(id_)
        await handle.signal(Probe.tell, WORD)
        assert await handle.execute_update(Probe.change, WORD) == f"changed {WORD}"
        assert await handle.query(Probe.echo, WORD) == WORD
        described = await handle.describe()
        assert (await described.static_summary(), await described.memo()) == (WORD, {"x": WORD})
        assert sorted(await here.ended(id_)) == sorted([WORD, f"changed {WORD}", "end", "probed it"])
        told = await history(here, id_)
        assert (WORD in told, "probed it" in told) == (False, False)
        assert here.refused == []


async def test_a_failure_says_why_to_us_alone(temporal_address: str, tmp_path: Path):
    async with opened(temporal_address, tmp_path) as here:
        ring(here).hide(True)
        id_ = f"refusing/{secrets.token_hex(6)}"
        handle = await here.client.start_workflow(Refusing.run, WORD, id=id_, task_queue=here.queue)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        cause = failed.value.cause
        assert isinstance(cause, ApplicationError)
        assert (cause.message, cause.details, cause.type) == (f"not {WORD}", (WORD,), "Refused")
        assert str(cause.__cause__) == f"because of {WORD}"
        assert WORD not in await history(here, id_)


async def test_what_was_begun_in_plain_text_goes_on_and_so_does_what_was_encrypted(
    temporal_address: str, tmp_path: Path
):
    async with opened(temporal_address, tmp_path) as here:
        id_ = await started(here, here.queue)
        handle = here.client.get_workflow_handle(id_)
        await handle.signal(Probe.tell, "plain")
        ring(here).hide(True)
        await until(lambda: ring(here).hiding)
        await handle.signal(Probe.tell, WORD)
        ring(here).rotate()
        await handle.signal(Probe.tell, "renew")
        await until(lambda: renewed(here.client, id_))
        await handle.signal(Probe.tell, "rotated")
        ring(here).hide(False)
        assert "rotated" in await here.ended(id_)
        assert here.refused == []


async def renewed(client: Client, id_: str) -> bool:
    return not await client.get_workflow_handle(id_).query(Probe.told)


async def test_what_is_reset_reads_what_it_was_told_before(temporal_address: str, tmp_path: Path):
    async with opened(temporal_address, tmp_path) as here:
        ring(here).hide(True)
        id_ = await started(here, here.queue)
        handle = here.client.get_workflow_handle(id_)
        await handle.signal(Probe.tell, WORD)
        await until(lambda: _told(here, id_))
        events = [one async for one in here.stranger.client.get_workflow_handle(id_).fetch_history_events()]
        last = max(one.event_id for one in events if one.HasField("workflow_task_completed_event_attributes"))
        asked = ResetWorkflowExecutionRequest(
            namespace="default", workflow_execution=WorkflowExecution(workflow_id=id_),
            workflow_task_finish_event_id=last, request_id=secrets.token_hex(4), reason="again",
        )  # fmt: skip
        await here.stranger.client.workflow_service.reset_workflow_execution(asked)
        assert WORD in await here.ended(id_)


async def _told(here: Field, id_: str) -> bool:
    return {WORD, "probed it"} <= set(await here.told(id_))


async def test_what_is_copied_to_another_execution_or_changed_is_refused(temporal_address: str, tmp_path: Path):
    async with opened(temporal_address, tmp_path) as here:
        ring(here).hide(True)
        one, other = await started(here, ""), await started(here, "")
        await here.client.get_workflow_handle(one).signal(Probe.tell, WORD)
        (said,) = await payloads(here, one, SIGNALLED)
        assert said.metadata["encoding"] == ENCODING
        await here.stranger.signal(other, "tell", [said])
        for changed in (b"x" + said.data[1:], said.data[:-1], b""):
            await here.stranger.signal(other, "tell", [Payload(metadata=dict(said.metadata), data=changed)])
        renamed = {**said.metadata, "of": other.encode()}
        await here.stranger.signal(other, "tell", [Payload(metadata=renamed, data=said.data)])
        assert await here.ended(other) == ["end"]
        assert len(here.refused) == 5
        (start,) = await payloads(here, one, STARTED)
        copied = f"probe/{secrets.token_hex(6)}"
        await here.stranger.start("Probe", copied, here.queue, [start])
        assert "SLW001" in await here.stranger.failure(copied)
