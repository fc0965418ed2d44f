"""kill -9 of the server in the middle of decisions: nothing is lost, nothing happens twice.

tests/workers/api/test_once.py and tests/contracts/records/test_servers.py are the short siblings.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import partial

import httpx2
import msgspec
import pytest

from activities.access import identities, private_keys
from domain.approvals.request import Decision
from tests.support.command_line import call, said
from tests.support.lab import Repo, until
from tests.support.scene import connected, kill, started
from tests.support.served import is_asked, logged_in, pid_of_server, serving
from workers.client import approvals, runs
from workers.client.ports.addresses import segment
from workers.core.settings import Settings
from workers.engine import embedded as engine

TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: asks{number}\njobs:\n  ok:\n    approval: {{users: [ann]}}\n"
RUNS = 6


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("served") / "home") as settings:
        yield settings


def path_of(id_: str) -> str:
    return f"/api/v1/approvals/{segment(id_, 'approval')}"


async def decided(http: httpx2.AsyncClient, id_: str, decision: Decision, digest: str) -> int:
    """Sends until there is an answer, as a client does whose connection breaks: always the same request."""
    headers = {"Idempotency-Key": decision.request_id, "If-Match": f'"{digest}"', "Content-Type": "application/json"}
    why = ""
    for _ in range(600):
        try:
            answer = await http.post(
                f"{path_of(id_)}/decisions", content=msgspec.json.encode(decision), headers=headers
            )
        except httpx2.TransportError as broken:
            why = repr(broken)
            await asyncio.sleep(0.05)
            continue
        if answer.status_code != 503:
            return answer.status_code
        why = answer.text
        await asyncio.sleep(0.1)
    raise AssertionError(why)


async def test_decisions_that_are_sent_while_the_server_is_killed_count_once_each(chosen: Settings, tmp_path):
    said("identity", "add", "ann")
    ids = [started(Repo.create(tmp_path / f"r{n}", {"sluiceway.yaml": TEXT.format(number=n)})) for n in range(RUNS)]
    one = await connected(chosen)
    key = private_keys.load(chosen.keys, "ann")
    sent = []
    async with await logged_in(chosen, "ann") as http:
        for run in ids:
            await until(partial(is_asked, one, run, "ok"))
            id_ = f"approval/{run.removeprefix('run/')}/ok"
            shown = await http.get(path_of(id_))
            assert shown.status_code == 200, shown.text
            digest = shown.json()["digest"]
            decision = identities.sign(key, await approvals.unsigned(one, run, "ok", "ann", True, "fine"))
            sent.append((id_, decision, digest))
        deciding = [asyncio.create_task(decided(http, *each)) for each in sent]
        for _ in range(3):
            kill(pid_of_server(chosen))
            await until(lambda: engine.serves(chosen))
        answers = await asyncio.gather(*deciding)

    assert set(answers) == {201}
    for run in ids:
        assert (await runs.result(one, run)).status == "passed"
        view = await approvals.view(one, run, "ok")
        assert [record.rule for record in view.records] == ["counted"]


async def test_a_login_and_the_place_in_a_stream_survive_the_server(chosen: Settings):
    async with await logged_in(chosen, "ann") as http:
        last = await last_of(http)
        kill(pid_of_server(chosen))
        await until(lambda: engine.serves(chosen))
        assert (await http.get("/api/v1/me")).json()["name"] == "ann"
        headers = {"Last-Event-ID": str(max(last - 1, 0))}
        async with http.stream("GET", "/api/v1/events/stream?topic=runs&topic=approvals", headers=headers) as stream:
            lines = stream.aiter_lines()
            assert any([line.startswith("event: change") async for line in take(lines, 8)])


async def last_of(http: httpx2.AsyncClient) -> int:
    """How far a new stream is."""
    async with http.stream("GET", "/api/v1/events/stream?topic=runs", headers={"Last-Event-ID": "0"}) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                return int(line[4:])
    return 0


async def take(lines, most: int):
    async for line in lines:
        yield line
        most -= 1
        if not most:
            return


def test_the_port_is_remembered_and_down_ends_the_server(chosen: Settings):
    port = chosen.engine()["server_port"]
    assert "engine/server" in engine.down(chosen)
    assert not engine.serves(chosen)
    code, out, error = call("up", "--json")
    assert code == 0, error
    told = json.loads(out)
    assert (told["server_port"], told["server"]) == (port, f"http://sluiceway.localhost:{port}")
    assert told["first_login"].startswith(f"{told['server']}/login/link#")
    assert engine.serves(chosen)
