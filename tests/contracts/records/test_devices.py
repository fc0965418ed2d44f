"""Command lines that wait for a browser: each is decided once, taken once, and over in time."""

from __future__ import annotations

import pytest

from activities.access import device_store
from activities.access.device_store import DeviceStore
from activities.storage.database import Database
from domain.access.device import Asking
from domain.core.errors import RefusedError
from workers.core.records import Records

NOW = 1_800_000_000.0
ASKING = Asking(host="laptop", address="192.0.2.1", agent="x", created_at=NOW, expires_at=NOW + 600)


@pytest.fixture
def database(records: Records) -> Database:
    return records.database


def test_one_is_let_in_once_by_one_person(database: Database) -> None:
    store = DeviceStore(database)
    store.begin("h", "BCDF-GHJK", ASKING)
    assert store.by_code("BCDF-GHJK", NOW) == ASKING
    assert not store.take("h", NOW), "nobody has decided yet"
    assert store.decide("BCDF-GHJK", "ann", NOW)
    assert not store.decide("BCDF-GHJK", "eve", NOW)
    assert not store.decide("BCDF-GHJK", "", NOW)
    assert store.by_code("BCDF-GHJK", NOW) is None
    found = store.polled("h", NOW + 1)
    assert found is not None
    assert (found.person, found.polled_at) == ("ann", 0)
    assert store.take("h", NOW)
    assert not store.take("h", NOW)
    assert store.polled("h", NOW) is None


def test_one_that_is_refused_or_over_is_gone(database: Database) -> None:
    store = DeviceStore(database)
    store.begin("a", "BBBB-BBBB", ASKING)
    store.begin("b", "CCCC-CCCC", ASKING)
    assert store.decide("BBBB-BBBB", "", NOW)
    assert store.polled("a", NOW) is None
    assert store.by_code("CCCC-CCCC", NOW + 600) is None
    assert not store.decide("CCCC-CCCC", "ann", NOW + 600)
    assert store.polled("b", NOW + 600) is None


def test_strangers_cannot_fill_the_database_with_devices(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_store, "MOST", 2)
    store = DeviceStore(database)
    for one in "ab":
        store.begin(one, one, ASKING)
    with pytest.raises(RefusedError) as refused:
        store.begin("c", "c", ASKING)
    assert refused.value.code == "SLW421"
