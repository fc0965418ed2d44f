from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres, installed
from workers.core.records import Records


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres(installed())
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where records can be made: a file that is not there yet, or an empty database."""
    if request.param == "sqlite":
        return tmp_path / "records.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def records(place: Path | str) -> Iterator[Records]:
    made = Records.at(place)
    yield made
    made.close()
