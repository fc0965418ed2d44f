"""Every way into a container that is closed: rights, tickets, origins, hosts, odd messages."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from domain.access.audit import AuditOutcome
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.exec_session import MOST_OF_A_PERSON, ExecTarget
from tests.workers.api.exec.scene import TARGET, Scene
from tests.workers.api.exec.sockets import PATH, socket, ticket, told
from workers.client.ports.pages import PageOf
from workers.remote import exec_wire as wire

pytestmark = pytest.mark.timeout(60)


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


async def test_a_right_that_is_taken_back_between_ticket_and_session_opens_nothing(at: Scene) -> None:
    held = at.grant("ann")
    asked = await ticket(at)
    at.revoke(held)
    async with at.client("ann") as client:
        with pytest.raises(RefusedError, match="SLW410"):
            async with client.terminals.open(asked.secret, 80, 24):
                pytest.fail("it was opened")
    assert at.cluster.asked == []


async def test_a_person_has_a_few_at_once(at: Scene) -> None:
    at.grant("ann")
    for _ in range(MOST_OF_A_PERSON):
        await ticket(at)
    with pytest.raises(RefusedError, match="SLW461"):
        await ticket(at)


@pytest.mark.parametrize(
    "first", ["", "{", "[]", '{"ticket": 5}', '{"ticket": null, "size": [1e99, -4]}', b"\0x", "9" * 20_000]
)
async def test_an_odd_first_message_is_refused(at: Scene, first: str | bytes) -> None:
    async with socket(at) as open_:
        await open_.send(first)
        said = (await told(open_))["problem"]
        assert said["code"] in ("SLW465", "SLW471")
        assert open_.close_code == 1008
