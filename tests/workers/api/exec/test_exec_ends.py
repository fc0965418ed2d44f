"""A session ends with the right, the group or the login that it stands on, and by who may end it."""

from __future__ import annotations

import pytest

from activities.access.identity_store import Identity
from domain.access.audit import AuditOutcome
from domain.core.errors import RefusedError
from tests.workers.api.exec.scene import Scene
from tests.workers.api.exec.sockets import ticket, until
from workers.client.ports.pages import PageOf

pytestmark = pytest.mark.timeout(60)


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


async def test_a_session_whose_process_was_killed_is_closed_by_who_looks_next(at: Scene) -> None:
    at.grant("ann")
    asked = await ticket(at)
    with at.records.database.write() as connection:
        connection.exec_driver_sql("update exec_sessions set begun_at = 1, seen_at = 1, ticket = ''")
    async with at.client("ann") as client:
        (row,) = (await client.terminals.list(PageOf())).items
    assert (row.id, row.why) == (asked.id, "its process was killed")
    assert at.entries()[-1].event.outcome is AuditOutcome.FAILED
