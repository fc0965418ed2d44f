"""One look at the table of changes for all who wait, on each database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.storage import changes
from activities.storage.changes import ChangeReader, Topic, note
from tests.contracts.records.conftest import place, postgres  # noqa: F401  (fixtures)
from workers.api import feed
from workers.api.feed import Feed
from workers.core.records import Records


@pytest.fixture
def records(place: Path | str) -> Iterator[Records]:  # noqa: F811
    made = Records.at(place)
    yield made
    made.close()


def write(records: Records, *keys: str) -> None:
    with records.database.write() as connection:
        note(connection, Topic.RUNS, keys)


async def test_everybody_who_waits_hears_of_a_change_and_the_table_is_looked_at_for_all_of_them(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SURE_S", 0.2)
    looks = 0
    read = ChangeReader.after

    def counted(self: ChangeReader, seq: int, most: int) -> list[changes.Noted]:
        nonlocal looks
        looks += 1
        return read(self, seq, most)

    monkeypatch.setattr(ChangeReader, "after", counted)
    one = Feed(ChangeReader(records.database))
    waiting = [asyncio.create_task(one.after(0)) for _ in range(200)]
    while one._waiting < 200:
        await asyncio.sleep(0)
    await asyncio.to_thread(write, records, "run/web/1")
    found = await asyncio.wait_for(asyncio.gather(*waiting), 120)
    assert {tuple(change.key for change in each) for each in found} == {("run/web/1",)}
    assert looks < 50
    await asyncio.wait_for(one._looking, 120) if one._looking else None


async def test_who_comes_back_gets_what_it_has_missed(records: Records) -> None:
    write(records, "run/web/1", "run/web/2", "run/web/3")
    found = await Feed(ChangeReader(records.database)).after(1)
    assert [(one.seq, one.key) for one in found] == [(2, "run/web/2"), (3, "run/web/3")]


async def test_who_was_away_for_too_long_looks_at_everything_again(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 2)
    monkeypatch.setattr(changes, "CLEANED_EACH", 1)
    write(records, *(f"run/web/{number}" for number in range(6)))
    one = Feed(ChangeReader(records.database))
    assert [(change.topic, change.seq) for change in await one.after(1)] == [("all", 6)]
    assert [(change.topic, change.seq) for change in await one.after(99)] == [("all", 6)]


async def test_nothing_new_is_said_after_a_while(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "WAIT_S", 0.01)
    monkeypatch.setattr(feed, "SURE_S", 0.2)
    one = Feed(ChangeReader(records.database))
    assert await one.after(0) == ()
    await asyncio.wait_for(one._looking, 120) if one._looking else None


async def test_what_was_deleted_while_a_feed_is_old_is_not_passed_over(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "RECENT", 2)
    monkeypatch.setattr(feed, "SURE_S", 0.2)
    write(records, "run/web/0")
    one = Feed(ChangeReader(records.database))
    assert [change.seq for change in await one.after(0)] == [1]
    monkeypatch.setattr(changes, "KEPT", 2)
    monkeypatch.setattr(changes, "CLEANED_EACH", 1)
    write(records, *(f"run/web/{number}" for number in range(1, 9)))
    await one._read()
    await one._read()
    assert [change.topic for change in await one.after(1)] == ["all"]


async def test_a_cluster_in_which_everything_moves_is_told_once_to_each_who_waits(records: Records) -> None:
    one = Feed(ChangeReader(records.database))
    assert await one.last() == 0
    write(records, "run/web/0")
    assert [change.seq for change in await one.after(0)] == [1]
    for _ in range(5):
        write(records, "run/web/1")
        await one._read()
    assert [(change.seq, change.key) for change in await one.after(1)] == [(6, "run/web/1")]
    assert [(change.seq, change.key) for change in await one.after(4)] == [(6, "run/web/1")]
    assert [change.seq for change in await Feed(ChangeReader(records.database)).after(0)] == [1, 6]


async def test_who_comes_from_another_server_that_is_ahead_makes_nobody_miss_what_is_between(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WAIT_S", 0.01)
    monkeypatch.setattr(feed, "LOOK_S", 60)
    monkeypatch.setattr(feed, "SURE_S", 0.2)
    write(records, "run/web/1")
    one = Feed(ChangeReader(records.database))
    assert [change.seq for change in await one.after(0)] == [1]
    write(records, "run/web/2", "run/web/3")
    assert await one.after(3) == ()
    assert [change.seq for change in await one.after(1)] == [2, 3]
