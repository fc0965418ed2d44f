"""A session over real sockets: what it does, and what it leaves in the audit."""

from __future__ import annotations

import asyncio
import json

import pytest

from domain.access.audit import AuditOutcome
from domain.core.errors import RefusedError, SluicewayError
from domain.pods.exec_session import FRAME_BYTES, ExecTarget
from tests.workers.api.exec.scene import TARGET, Scene
from tests.workers.api.exec.sockets import socket, ticket, told, until
from workers.api.routes.exec_sessions import READ
from workers.client.ports.pages import PageOf
from workers.remote import exec_wire as wire

pytestmark = pytest.mark.timeout(60)


async def test_a_session_is_typed_in_listed_recorded_and_in_the_audit(at: Scene) -> None:
    at.grant("ann")
    async with at.client("ann") as client:
        asked = await client.terminals.ask(TARGET, "why is it slow")
        async with client.terminals.open(asked.secret, 90, 30) as live:
            await until(live, b"$ ")
            for letter in "ls":
                await live.write(letter.encode())
                await until(live, letter.encode())
            (running,) = (await client.terminals.list(PageOf(), running=True)).items
            assert (running.id, running.person, running.ended_at) == (live.id, "person:ann", None)
            await live.write(b"\r")
            await live.write(b"exit 3\r")
            assert await until(live, b"\0") is not None
            assert live.ended is not None
            assert live.ended.code == 3
        row = await client.terminals.show(asked.id)
        cast = [json.loads(line) for line in (await client.terminals.recording(asked.id)).splitlines()]
    begun, done = at.entries()
    assert (begun.event.outcome, done.event.outcome) == (AuditOutcome.BEGUN, AuditOutcome.DONE)
    assert begun.event.details["reason"] == "why is it slow"
    assert done.event.details["recording"] == row.recording
    assert (done.event.details["exit_code"], row.exit_code, row.why) == (3, 3, "the command has ended")
    assert (cast[0]["version"], cast[0]["width"], cast[0]["height"]) == (2, 90, 30)
    assert "".join(one[2] for one in cast[1:] if one[1] == "i").startswith("ls")
    assert at.signer.asked == 1
    assert at.cluster.sizes[0] == {"Width": 90, "Height": 30}
    assert not list((at.home / "recordings").iterdir())


async def test_a_frame_that_is_too_large_ends_the_session_and_not_the_server(at: Scene) -> None:
    at.grant("ann")
    async with socket(at) as open_:
        await open_.send(wire.Hello((await ticket(at)).secret, 80, 24).text())
        await open_.recv()
        await open_.send(b"\0" + b"x" * (FRAME_BYTES + 1))
        await told(open_)
        assert open_.close_code == 1009
    async with at.client("ann") as client:
        assert await client.terminals.clusters() == ("edge",)


@pytest.mark.parametrize("odd", [b"", b"\1x", "{}", '{"ticket": "t"}', '{"size": 5}'])
async def test_what_is_neither_input_nor_a_size_ends_the_session(at: Scene, odd: str | bytes) -> None:
    at.grant("ann")
    async with socket(at) as open_:
        await open_.send(wire.Hello((await ticket(at)).secret, 80, 24).text())
        await open_.recv()
        await open_.send(odd)
        assert (await told(open_))["problem"]["code"] == "SLW471"


async def test_a_session_that_breaks_is_recorded_like_any_other(at: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    at.grant("ann")
    async with socket(at) as open_:
        await open_.send(wire.Hello((await ticket(at)).secret, 80, 24).text())
        await open_.recv()
        await open_.send("{")
        assert (await told(open_))["problem"]["code"] == "SLW471"
    last = at.entries()[-1].event
    assert last.outcome is AuditOutcome.FAILED
    async with at.client("ann") as client:
        (row,) = (await client.terminals.list(PageOf())).items
        assert row.recording == last.details["recording"]
        for _ in range(READ.most_each + 1):
            assert await client.terminals.recording(row.id)
        monkeypatch.setitem(READ.by, row.person, READ.most_each)  # nobody holds many in memory
        with pytest.raises(RefusedError, match="SLW455"):
            await client.terminals.recording(row.id)
    assert not list((at.home / "recordings").iterdir())


async def test_who_does_not_read_makes_the_command_wait(at: Scene) -> None:
    at.grant("ann")
    async with socket(at, max_queue=1) as open_:
        await open_.send(wire.Hello((await ticket(at)).secret, 80, 24).text())
        await open_.recv()
        await open_.send(b"\0flood\r")
        await asyncio.sleep(0.5)
        (row,) = at.records.exec_sessions.page(None, 10)
        at.records.exec_sessions.end(row.id, "person:eve", "flood")
        async with asyncio.timeout(120):
            while at.cluster.left == 0:
                await asyncio.sleep(0.02)
    assert at.records.exec_sessions.page(None, 10)[0].bytes_out < 4 << 20


async def test_a_command_that_cannot_be_recorded_does_not_run(at: Scene) -> None:
    at.grant("ann")
    asked = await ticket(at)
    (at.home / "recordings").write_text("a file where the folder belongs")
    async with at.client("ann") as client:
        with pytest.raises(SluicewayError, match="SLW480"):
            async with client.terminals.open(asked.secret, 80, 24):
                pytest.fail("it runs")
    assert at.cluster.asked == []


async def test_a_cluster_that_refuses_is_told_and_the_end_is_recorded(at: Scene) -> None:
    at.grant("ann")
    asked = await ticket(at, target=ExecTarget(cluster="edge", namespace="default", pod="other", container="main"))
    async with at.client("ann") as client:
        with pytest.raises(RefusedError, match="SLW943"):
            async with client.terminals.open(asked.secret, 80, 24):
                pytest.fail("there is no such pod")
        assert (await client.terminals.show(asked.id)).why == "SLW943"
    assert at.entries()[-1].event.outcome is AuditOutcome.FAILED


async def test_without_a_terminal_bytes_are_as_they_are_and_the_record_is_harmless(at: Scene) -> None:
    at.grant("ann")
    target = ExecTarget(cluster="edge", namespace="default", pod="web", container="main", command=("true",), tty=False)
    async with at.client("ann") as client:
        async with client.terminals.open((await ticket(at, target=target)).secret, 80, 24) as live:
            assert await until(live, b"never") == b"$ \x1b]0;t\x07"
        assert "]0;t" not in await client.terminals.recording(live.id)


async def test_the_cluster_hears_whose_command_it_is_where_it_asks_for_that_and_its_refusal_is_told(at: Scene) -> None:
    at.cluster.register(at.home / "addresses", impersonate=True)
    at.grant("ann")
    made = await ticket(at)
    async with at.client("ann") as client, client.terminals.open(made.secret, 80, 24):
        pass
    assert at.cluster.names == [[("Impersonate-User", "sluiceway:ann")]]
    at.cluster.forbidden = 'pods "web" is forbidden: User "sluiceway:ann" cannot create resource "pods/exec"'
    made = await ticket(at)
    async with at.client("ann") as client:
        with pytest.raises(RefusedError, match="SLW974"):
            async with client.terminals.open(made.secret, 80, 24):
                pass
    assert [one.event.outcome for one in at.entries()][-1] is AuditOutcome.FAILED
