from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.signer.homes import Home
from tests.workers.signer.people import People
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.opening import open_authority


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    settings = Settings(tmp_path / "home", tmp_path)
    settings.home.mkdir()
    records = Records.at(settings.records)
    yield Home(settings, records, open_authority(settings, records))
    records.close()


@pytest.fixture
def people(home: Home) -> People:
    return People(home)
