import pytest

from tests.support.postgres import Postgres, installed
from workers.core.records import Records


@pytest.fixture(scope="session")
def postgres():
    server = Postgres(installed())
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Where records can be made: a file that is not there yet, or an empty database."""
    if request.param == "sqlite":
        return tmp_path / "records.db"
    return request.getfixturevalue("postgres").database()


@pytest.fixture
def records(place):
    made = Records.at(place)
    yield made
    made.close()
