"""What every client keeps when it changes something: in memory, on a real engine, and through a server."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

import pytest

from domain.core.errors import RefusedError
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.lab import HEAD, Lab, until
from tests.support.memory_client import memory_client
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.runs.runs import EngineRuns
from workers.client.ports.client import Client
from workers.client.ports.runs import RunRow, StartRun

WAITS = "jobs:\n  release-approval: {approval: {users: [bob]}}\n  after: {needs: release-approval, run: echo never}\n"


@dataclass(frozen=True)
class Changing:
    """A client, a pipeline that it knows, and a run of it that waits."""

    client: Client
    pipeline: str
    run: str

    async def ended(self, run: str) -> RunRow:
        async def look() -> RunRow | None:
            row = (await self.client.runs.show(run)).row
            return row if row.ended_at is not None else None

        return await until(look)


async def _on_engine(lab: Lab) -> Changing:
    """Of runs alone: the rest is as in memory."""
    parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
    parts._engine = lab.engine
    name = f"waits-{secrets.token_hex(3)}"
    repo = lab.repo({"sluiceway.yaml": HEAD.format(name=name) + WAITS})
    run = (await lab.deliver(repo, name)).run
    await until(lambda: lab.records.runs.get(run))
    return Changing(replace(memory_client(), runs=EngineRuns(parts, OpenGuard())), name, run)


@pytest.fixture(params=["memory", "far from memory", "engine", "far from engine"])
def way(request: pytest.FixtureRequest) -> tuple[str, Lab | None]:
    """How it is asked; and an engine, where there is one."""
    return request.param, request.getfixturevalue("lab") if "engine" in request.param else None


@pytest.fixture
async def changing(way: tuple[str, Lab | None]) -> Changing:
    name, lab = way
    made = await _on_engine(lab) if lab else Changing(memory_client(), "web-shop", "run/web-shop/30")
    return replace(made, client=far_client(made.client)) if "far" in name else made


async def test_a_run_is_started_once_for_a_key(changing: Changing) -> None:
    what = StartRun(pipeline=changing.pipeline)
    first, again, other = [await changing.client.runs.start(what, key) for key in ("one", "one", "two")]
    assert first == again != other
    assert (await changing.client.runs.show(first)).row.pipeline == changing.pipeline


async def test_a_run_that_waits_is_stopped_and_run_again_once(changing: Changing) -> None:
    runs, run = changing.client.runs, changing.run

    async def asked() -> str:
        return next((wait.approval for wait in (await runs.show(run)).waits), "")

    assert await until(asked) == f"approval/{run.removeprefix('run/')}/release-approval"
    with pytest.raises(RefusedError):
        await runs.rerun(run, key="early")

    said = [await runs.cancel(run, "not today", key="stop") for _ in range(2)]
    assert said[0] == said[1] == f"{run} is being cancelled; cancel it again to end it at once"
    assert (await changing.ended(run)).reason == "not today"
    first, again = [await runs.rerun(run, key="again") for _ in range(2)]
    assert (first.id, first) == (f"{run}.2", again)
    assert (await runs.show(run)).attempts == (run, f"{run}.2")
