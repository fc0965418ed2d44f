"""Several servers of one installation, on PostgreSQL: what one does, the others know."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from activities.supervisor.service import answers
from tests.support.lab import Repo, until
from tests.support.postgres import Postgres, installed
from tests.support.scene import connected, started
from tests.support.served import logged_in, serving
from workers.client import runs
from workers.core.settings import Settings
from workers.remote.client import http_of

TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  ok:\n    run: echo ok\n"


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    database = Postgres(installed())
    database.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLUICEWAY_DATABASE", database.database().replace("postgresql+psycopg://", "postgresql://"))
        with serving(tmp_path_factory.mktemp("several") / "home") as settings:
            yield settings
        with warnings.catch_warnings():  # commands that ran in this process have closed nothing: they end, as a rule
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
    database.stop()


@contextmanager
def another_server(chosen: Settings) -> Iterator[str]:
    """Its address: a process of its own on the same records."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "workers.api.main", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, env={**os.environ, "SLUICEWAY_HOME": str(chosen.home)}) as process:
        try:
            while not answers(port, "/health"):
                assert process.poll() is None
            yield f"http://sluiceway.localhost:{port}"
        finally:
            process.terminate()


async def test_a_login_is_one_everywhere_and_a_stream_hears_what_any_process_has_changed(chosen: Settings, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT})
    async with await logged_in(chosen, "ann") as first:
        token = first.headers["Authorization"].removeprefix("Bearer ")
        with another_server(chosen) as address:
            async with http_of(address, token) as second:
                assert (await second.get("/api/v1/me")).json()["name"] == "ann"
                heard = asyncio.create_task(keys(second, "runs"))
                await asyncio.sleep(0)
                run = await asyncio.to_thread(started, repo)
                assert (await runs.result(await connected(chosen), run)).status == "passed"
                assert run in await asyncio.wait_for(heard, 120)

                listed = [
                    [one["id"] for one in (await http.get("/api/v1/runs")).json()["items"]] for http in (first, second)
                ]
                assert listed == [[run], [run]]

                async def refused() -> bool:
                    return (await second.get("/api/v1/me")).json()["kind"] == "anonymous"

                session = (await first.get("/api/v1/me")).json()["session"]
                ended = await first.delete(f"/api/v1/sessions/{session}", headers={"Idempotency-Key": "k"})
                assert ended.status_code == 204, ended.text
                await until(refused)


async def keys(http, topic: str) -> set[str]:
    """What the first event of a stream names."""
    found: set[str] = set()
    async with http.stream("GET", f"/api/v1/events/stream?topic={topic}", headers={"Last-Event-ID": "0"}) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                found.add(line.split('"key": "')[1].rstrip('"}'))
                return found
    return found
