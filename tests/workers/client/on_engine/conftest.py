"""The ports on a home without an engine: what is recorded is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guards import OpenGuard
from workers.client.on_engine.parts import EngineParts
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.known_findings import open_findings
from workers.worker.local_wiring import open_objects


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[EngineParts]:
    settings = Settings(tmp_path, tmp_path / "tools")
    records = Records.at(settings.records)
    yield EngineParts(
        settings,
        records.database,
        lambda: open_objects(settings),
        lambda of: open_findings(settings, of),
        opened=records,
    )
    records.close()


@pytest.fixture
def guard() -> OpenGuard:
    return OpenGuard()
