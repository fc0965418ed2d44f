"""A whole engine with its server, and clients of it that have logged in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from activities.access.login_store import LinkKind
from domain.access.link_code import login_of
from domain.core.errors import SluicewayError
from tests.support.command_line import running
from workers.client import approvals
from workers.client.client import Engine
from workers.client.logins.of_home import founding_of
from workers.core.records import open_records
from workers.core.settings import Settings, load
from workers.remote.client import http_of


@contextmanager
def serving(home: Path) -> Iterator[Settings]:
    """`sluiceway up`, with the server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLUICEWAY_SERVE", "yes")
        with running(home):
            yield load()


def code_for(chosen: Settings, person: str) -> str:
    """The code of a one-time link: of the first administrator, or of whoever is invited."""
    records = open_records(chosen)
    try:
        address = founding_of(chosen, records, chosen.engine()["server"]).link(person, LinkKind.FIRST)
    finally:
        records.close()
    return address.partition("#")[2]


async def logged_in(chosen: Settings, person: str) -> httpx2.AsyncClient:
    """An HTTP client as a command line is one: with a bearer token of that person."""
    origin = chosen.engine()["server"]
    async with http_of(origin) as http:
        answer = await http.post(
            "/api/v1/login/link", json={"login": login_of(code_for(chosen, person)), "browser": False}
        )
    assert answer.status_code == 200, answer.text
    return http_of(origin, json.loads(answer.text)["token"])


def pid_of_server(chosen: Settings) -> int:
    """The process that answers; its supervisor is another one."""
    state = json.loads((chosen.home / "engine" / "server" / "state.json").read_text())
    return int(state["instances"][0]["pid"])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def is_asked(one: Engine, run: str, job: str) -> bool:
    """Whether an approval of a run can be decided."""
    try:
        return bool(await approvals.pending(one, run) and await approvals.view(one, run, job))
    except SluicewayError:  # its workflow is about to begin
        return False
