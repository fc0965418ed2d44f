"""Every client: in memory, on the records of a home, and each of them through a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support import seeded_home
from tests.support.far import far_client
from tests.support.memory_client import memory_client
from workers.client.for_owner import owner_client
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.client import Client
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.known_findings import open_findings
from workers.worker.local_wiring import open_objects

SIZE = seeded_home.Size(runs=60, services=6, environments=4, jobs=2)


@pytest.fixture(scope="module")
def on_records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """That of a home's owner, whose engine is down: what it reads is there. The rest is as in memory."""
    folder = tmp_path_factory.mktemp("home")
    records = Records.at(folder / "records.db")
    seeded_home.fill(records, SIZE)
    settings = Settings(folder, folder / "tools")
    parts = EngineParts(
        settings,
        records.database,
        lambda: open_objects(settings),
        lambda of: open_findings(settings, of),
        opened=records,
    )
    owner = owner_client(parts)
    yield replace(memory_client(), runs=owner.runs, releases=owner.releases, findings=owner.findings)
    records.close()


@pytest.fixture(params=["memory", "far from memory"])
def client(request: pytest.FixtureRequest) -> Client:
    """One that changes what it knows."""
    near = memory_client()
    return near if request.param == "memory" else far_client(near)


@pytest.fixture(params=["memory", "records", "far from memory", "far from records"])
def reading(request: pytest.FixtureRequest) -> Client:
    """One that only reads."""
    near: Client = request.getfixturevalue("on_records") if "records" in request.param else memory_client()
    return far_client(near) if "far" in request.param else near
