"""A session over real sockets: what it does, what it leaves in the audit, and every way in that is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from activities.access.identity_store import Identity
from domain.access.audit import AuditOutcome
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.exec_session import FRAME_BYTES, MOST_OF_A_PERSON, ExecTarget
from tests.workers.api.exec.scene import TARGET, Scene, scene
from workers.api.routes.exec_sessions import READ
from workers.client.ports.pages import PageOf
from workers.client.ports.terminals import ExecTicket, LiveSession
from workers.remote import exec_wire as wire

pytestmark = pytest.mark.timeout(60)
PATH = f"/api/v1{wire.PATH}"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as found:
        yield found


async def until(live: LiveSession, wanted: bytes) -> bytes:
    said = b""
    async with asyncio.timeout(20):
        while wanted not in said and (found := await live.read()) is not None:
            said += found[1]
    return said


async def ticket(at: Scene, name: str = "ann", target: ExecTarget = TARGET) -> ExecTicket:
    async with at.client(name) as client:
        return await client.terminals.ask(target, "why is it slow")


def socket(at: Scene, bearer: str = "ann", **more: Any) -> connect:
    port = at.url.rpartition(":")[2]
    sent = {
        "host": "127.0.0.1",
        "proxy": None,
        "close_timeout": 0.1,
        "additional_headers": {"Authorization": f"Bearer {bearer}"},
    }
    return connect(f"ws://sluiceway.localhost:{port}{PATH}", **{"origin": at.url, **sent, **more})


async def told(open_: ClientConnection) -> dict[str, Any]:
    """The last text of the server."""
    last: dict[str, Any] = {}
    async with asyncio.timeout(20):
        try:
            async for message in open_:
                last = json.loads(message) if isinstance(message, str) else last
        except ConnectionClosed:
            pass
    return last


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


async def test_who_may_not_gets_no_ticket_and_sees_no_session_of_others(at: Scene) -> None:
    at.grant("ann")
    for name in ("bob", "eve"):
        with pytest.raises(RefusedError, match="SLW410"):
            await ticket(at, name)
    asked = await ticket(at)
    async with at.client("ann") as ann, at.client("bob") as bob, ann.terminals.open(asked.secret, 80, 24) as live:
        assert (await bob.terminals.list(PageOf())).items == ()
        for call in (bob.terminals.show(live.id), bob.terminals.end(live.id, ""), bob.terminals.recording(live.id)):
            with pytest.raises(SluicewayError, match="SLW464"):
                await call
        with pytest.raises(SluicewayError, match="SLW464"):  # there is none yet
            await ann.terminals.recording(live.id)
        assert await ann.terminals.clusters() == ("edge",)
        assert await bob.terminals.clusters() == ()


async def test_no_reason_and_no_container_are_no_request(at: Scene) -> None:
    at.grant("ann")
    async with at.client("ann") as client:
        with pytest.raises(DefinitionError, match="SLW463"):
            await client.terminals.ask(TARGET, "  ")
        with pytest.raises(DefinitionError, match="SLW463"):
            await client.terminals.ask(ExecTarget(cluster="edge", namespace="a", pod="../b", container="c"), "why")


async def test_a_ticket_opens_once_for_who_asked_from_the_same_login(at: Scene) -> None:
    at.grant("ann"), at.grant("bob")
    theirs, old = await ticket(at), await ticket(at)
    async with at.client("bob") as bob, at.client("ann") as ann:
        with pytest.raises(RefusedError, match="SLW465"):
            async with bob.terminals.open(theirs.secret, 80, 24):
                pytest.fail("another person's ticket")
        assert at.entries()[-1].event.outcome is AuditOutcome.DENIED
        with pytest.raises(RefusedError, match="SLW465"):  # it was used up by that
            async with ann.terminals.open(theirs.secret, 80, 24):
                pytest.fail("a replayed ticket")
        with at.records.database.write() as connection:
            connection.exec_driver_sql("update exec_sessions set asked_at = asked_at - 31")
        with pytest.raises(RefusedError, match="SLW465"):
            async with ann.terminals.open(old.secret, 80, 24):
                pytest.fail("an old ticket")
        for odd in ("", "x" * 500, "\0"):
            with pytest.raises(RefusedError, match="SLW465"):
                async with ann.terminals.open(odd, 80, 24):
                    pytest.fail("no ticket")
    assert at.cluster.asked == []


async def test_a_ticket_after_logout_opens_nothing(at: Scene) -> None:
    at.grant("ann")
    asked = await ticket(at)
    at.records.sessions.end("login-ann")
    with pytest.raises(InvalidStatus):
        async with socket(at):
            pytest.fail("nobody is logged in")
    at.login("ann", "login-ann2")
    async with socket(at, "ann2") as open_:
        await open_.send(wire.Hello(asked.secret, 80, 24).text())
        assert (await told(open_))["problem"]["code"] == "SLW465"


@pytest.mark.parametrize("foreign", ["http://evil.example", "null", "http://sluiceway.localhost:1", None])
async def test_asvs_4_4_2_a_page_of_another_origin_opens_no_socket(at: Scene, foreign: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(at, origin=foreign):
            pytest.fail("it was opened")
    assert refused.value.response.status_code == 403


async def test_a_socket_for_another_host_is_refused(at: Scene) -> None:
    port = at.url.rpartition(":")[2]
    with pytest.raises(InvalidStatus):
        async with connect(f"ws://127.0.0.1:{port}{PATH}", origin=at.url, proxy=None):  # type: ignore[arg-type]
            pytest.fail("it was opened")


async def test_a_right_that_is_taken_back_ends_the_session_and_says_so(at: Scene) -> None:
    held = at.grant("ann")
    async with at.client("ann") as client, client.terminals.open((await ticket(at)).secret, 80, 24) as live:
        at.revoke(held)
        await until(live, b"\0")
        assert live.ended is not None
        assert "default/deny" in live.ended.why
    assert "default/deny" in str(at.entries()[-1].event.details["why"])


async def test_who_leaves_the_group_that_may_leaves_the_container(at: Scene) -> None:
    at.records.identities.save(Identity("ann", "k", ("ops",)))
    at.grant("ops", kind="group")
    async with at.client("ann") as client, client.terminals.open((await ticket(at)).secret, 80, 24) as live:
        at.records.identities.save(Identity("ann", "k"))
        await until(live, b"\0")
        assert live.ended is not None
        assert "groups" in live.ended.why


async def test_a_right_that_is_taken_back_between_ticket_and_session_opens_nothing(at: Scene) -> None:
    held = at.grant("ann")
    asked = await ticket(at)
    at.revoke(held)
    async with at.client("ann") as client:
        with pytest.raises(RefusedError, match="SLW410"):
            async with client.terminals.open(asked.secret, 80, 24):
                pytest.fail("it was opened")
    assert at.cluster.asked == []


async def test_a_login_that_ends_takes_its_sessions_with_it(at: Scene) -> None:
    at.grant("ann")
    async with at.client("ann") as client, client.terminals.open((await ticket(at)).secret, 80, 24) as live:
        at.records.sessions.end("login-ann")
        await until(live, b"\0")
        assert live.ended is not None
        assert live.ended.why == "the login has ended"


async def test_somebody_who_may_change_the_cluster_ends_a_session(at: Scene) -> None:
    at.grant("ann"), at.grant("eve")
    async with at.client("ann") as ann, at.client("eve") as eve:
        async with ann.terminals.open((await ticket(at)).secret, 80, 24) as live:
            await eve.terminals.end(live.id, "maintenance")
            await until(live, b"\0")
            assert live.ended is not None
            assert live.ended.why == "person:eve has ended it: maintenance"
        row = await ann.terminals.show(live.id)
        assert row.end_by == "person:eve"
        with pytest.raises(RefusedError, match="SLW462"):
            await eve.terminals.end(live.id, "again")


async def test_a_person_has_a_few_at_once(at: Scene) -> None:
    at.grant("ann")
    for _ in range(MOST_OF_A_PERSON):
        await ticket(at)
    with pytest.raises(RefusedError, match="SLW461"):
        await ticket(at)


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


@pytest.mark.parametrize(
    "first", ["", "{", "[]", '{"ticket": 5}', '{"ticket": null, "size": [1e99, -4]}', b"\0x", "9" * 20_000]
)
async def test_an_odd_first_message_is_refused(at: Scene, first: str | bytes) -> None:
    async with socket(at) as open_:
        await open_.send(first)
        said = (await told(open_))["problem"]
        assert said["code"] in ("SLW465", "SLW471")
        assert open_.close_code == 1008


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
        async with asyncio.timeout(20):
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


async def test_a_session_whose_process_was_killed_is_closed_by_who_looks_next(at: Scene) -> None:
    at.grant("ann")
    asked = await ticket(at)
    with at.records.database.write() as connection:
        connection.exec_driver_sql("update exec_sessions set begun_at = 1, seen_at = 1, ticket = ''")
    async with at.client("ann") as client:
        (row,) = (await client.terminals.list(PageOf())).items
    assert (row.id, row.why) == (asked.id, "its process was killed")
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
