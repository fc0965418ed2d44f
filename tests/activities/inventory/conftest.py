"""A played cluster, and the rows of its watch."""

from __future__ import annotations

import pytest

from activities.inventory import following, gathered, watch
from activities.storage.opening import open_database
from tests.activities.inventory.scene import Seen
from tests.support.played_cluster import PlayedCluster


@pytest.fixture
def soon(monkeypatch):
    """Pauses of minutes are moments; what is asked for meanwhile is asked."""
    monkeypatch.setattr(gathered, "TOGETHER_S", 0.01)
    monkeypatch.setattr(watch, "PULSE_S", 0.05)
    monkeypatch.setattr(watch, "FIRST_S", 0.02)
    monkeypatch.setattr(watch, "LONGEST_S", 0.05)
    monkeypatch.setattr(following, "REFUSED_S", 0.05)
    monkeypatch.setattr(following, "AGAIN_S", 0.02)


@pytest.fixture
async def played():
    async with PlayedCluster.here() as cluster:
        yield cluster


@pytest.fixture
def seen(tmp_path):
    database = open_database(tmp_path / "records.db")
    yield Seen(database)
    database.close()
