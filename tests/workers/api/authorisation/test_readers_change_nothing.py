"""Who may only read changes nothing: by no route, no method, no socket, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.exceptions import WebSocketDisconnect
from litestar.routes import WebSocketRoute
from litestar.testing import TestClient
from sqlalchemy import inspect, text

from tests.support.far import http
from tests.support.profile import first_of
from tests.workers.api.authorisation import asking
from tests.workers.api.authorisation.test_matrix import committed
from tests.workers.api.authorisation.world import ACTORS, PLACES, World, world
from workers.remote import exec_wire as wire

READERS = ("stranger", "viewer")
TOLD = {"audit_entries", "audit_nodes", "recorded_decisions"}
"""Tables of what was asked and refused."""
CHANGE_NOTHING = {
    "POST /api/v1/definitions/lint": "y",
    "POST /api/v1/definitions/plan": "y",
    "POST /definitions": "y",
    "POST /api/v1/requests/plans": "e",
    "POST /requests/new": "c",
    "POST /pipelines/{name}/start": "c",
    "POST /api/v1/tokens": "y",
    "POST /tokens": "c",
    "POST /api/v1/approvals/{id}/decisions": "e",
}
"""What is let through although it is no GET, and how far: texts that are looked at, a form that says what is wrong with it, a token
of one's own that may no more than they, and an approval that is read before the right to decide is asked.
"""


class Kept(World):
    """The same set of policies and the same grants each time: what is asked about makes nothing itself."""

    def policies(self) -> str:
        return "none"

    def grant(self, place: str) -> str:
        return str(PLACES.index(place) + 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("readers")) as found:
        yield Kept(found.records, found.app, found.clients)


def test_no_route_that_changes_something_lets_a_reader_through() -> None:
    places = list(ACTORS)
    through: dict[str, str] = {}
    for name, cells in committed().items():
        for reader in READERS:
            letters = set(cells[places.index(reader)]) & set("yec")
            if letters and not name.startswith("GET "):
                through[name] = "".join(sorted(letters))
    assert through == CHANGE_NOTHING


def kept(made: World) -> dict[str, list[Any]]:
    """Every row of every table."""
    database = made.records.database
    with database.read() as connection:
        names = [name for name in inspect(connection).get_table_names() if name not in TOLD]
        return {name: sorted(map(repr, connection.execute(text(f'select * from "{name}"')))) for name in names}


@pytest.mark.parametrize(("reader", "whole"), first_of(("viewer", False), ("viewer", True), ("stranger", True)))
async def test_the_records_are_the_same_after_a_reader_has_tried_everything(
    made: World, reader: str, whole: bool
) -> None:
    """`whole`: by GET too, and of places that they may not even read."""
    by_rights, _ = asking.routes(made.app)
    tried = [one for one in by_rights if "/tokens" not in one.path and (whole or one.method != "GET")]
    before = kept(made)
    async with http(made.app) as client:
        client.headers["X-Actor"] = reader
        for route in tried:
            for place in PLACES if whole and route.has_place else PLACES[:1]:
                await asking.answer(client, route, place, made)
    after = kept(made)
    assert [name for name, rows in after.items() if rows != before[name]] == []


def test_every_socket_has_a_test_here_and_opens_for_nobody_without_a_ticket(made: World) -> None:
    """A ticket is given by POST /api/v1/exec/sessions, which is in the table."""
    sockets = {one.path for one in made.app.routes if isinstance(one, WebSocketRoute)}
    assert sockets == {f"/api/v1{wire.PATH}"}
    with TestClient[Litestar](made.app) as client:
        for actor in ACTORS:
            assert said(client, actor) == ("SLW476" if actor == "anonymous" else "SLW465"), actor


def said(client: TestClient[Litestar], actor: str) -> str:
    """The code that a socket is closed with, or that it tells for a ticket that is none."""
    try:
        with client.websocket_connect(f"/api/v1{wire.PATH}", headers={"X-Actor": actor}) as socket:
            socket.send_text(wire.Hello("t" * 43, 80, 24).text())
            return str(socket.receive_json()["problem"]["code"])
    except WebSocketDisconnect as closed:
        return closed.detail
