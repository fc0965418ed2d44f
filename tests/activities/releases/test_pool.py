"""The clusters of a release judged together, from the tick files of their observers."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from temporalio.testing import ActivityEnvironment

from activities.releases.shared_ticks import SharedTicks
from activities.releases.tick_file import TickFile
from activities.releases.waves.pool import PoolActivities
from activities.releases.waves.port import PoolInput
from activities.storage.opening import open_database
from domain.releases.judge.policy import Policy
from tests.support.fakes import FastClock

PARTS = {f"c{at}": f"release/web/production@c{at}/2" for at in range(10)}


def written(root, count, canary, stable=(0, 45), only=""):
    """Ticks of 10 s: failures and requests of both versions, in each cluster."""
    for cluster, release in PARTS.items():
        file = TickFile(root, release)
        file.begin({"at": 0.0})
        x_c, n_c = (0, 5) if only not in ("", cluster) else canary
        for number in range(count):
            arms = {
                name: {"requests": n, "errors": x, "slow90": 0, "slow99": 0}
                for name, (x, n) in {"canary": (x_c, n_c), "stable": stable}.items()
            }
            file.append({"tick": number, "percent": 10, "at": 10.0 * (number + 1), "phi": {"errors": 1.0}, **arms})


async def looked(root, shared=None, **more):
    activities = PoolActivities(root, FastClock(), shared)
    asked = PoolInput(policy=Policy(), clusters=10, parts=PARTS, **more)
    return await ActivityEnvironment().run(activities.observe_pool, asked)


def test_a_reader_leaves_the_line_that_an_observer_is_writing(tmp_path):
    file = TickFile(tmp_path, "release/web/production@c0/2")
    file.append({"tick": 0})
    with file.path.open("ab") as observer:
        observer.write(b'{"tick":')
        observer.flush()
        assert file.ticks() == [{"tick": 0}]
        observer.write(b"1}\n")

    assert file.read() == [{"tick": 0}, {"tick": 1}]


async def test_what_all_have_proven_together_is_told_at_once(tmp_path):
    written(tmp_path, 12, (0, 5))
    seen = await looked(tmp_path)

    assert (seen.worse, seen.proved, seen.doubt) == (False, (10.0, 25.0, 50.0), "")


async def test_what_is_known_is_not_told_again_but_a_last_look_ends(tmp_path):
    written(tmp_path, 12, (0, 5))
    seen = await looked(tmp_path, proved=(10.0, 25.0, 50.0), ended=tuple(PARTS))

    assert seen.proved == (10.0, 25.0, 50.0)
    assert seen.rounds >= 12


@pytest.mark.parametrize("only", ["", "c3"])
async def test_a_version_that_is_worse_in_more_than_one_cluster_takes_all_back(tmp_path, only):
    written(tmp_path, 20, (1, 5), only=only)
    seen = await looked(tmp_path, ended=tuple(PARTS) if only else ())

    assert seen.worse is (not only)
    assert not (seen.worse and seen.proved)


async def test_what_observers_on_other_machines_have_counted_counts_as_what_is_here(tmp_path):
    there, here = tmp_path / "there", tmp_path / "here"
    database = open_database(tmp_path / "records.db")
    shared = SharedTicks(database)
    written(there, 20, (1, 5))
    for at, release in enumerate(PARTS.values()):
        lines = TickFile(there, release).ticks()
        if at:
            shared.add(release, 0, lines)
        for line in lines[: {0: 20, 1: 1}.get(at, 0)]:  # a file stays where an observer was before it moved
            TickFile(here, release).append(line)
    alone, together = await looked(here, ended=tuple(PARTS)), await looked(here, shared, ended=tuple(PARTS))

    assert together == replace(await looked(there, ended=tuple(PARTS)), digests=together.digests)
    assert (alone.worse, together.worse) == (False, True)
    database.close()


async def test_a_database_that_is_away_hides_no_file_but_holds_the_last_look_up(tmp_path):
    database = open_database(tmp_path / "records.db")
    database.execute(text("drop table shared_ticks"))
    written(tmp_path, 12, (0, 5))

    assert (await looked(tmp_path, SharedTicks(database))).proved == (10.0, 25.0, 50.0)
    with pytest.raises(OperationalError):
        await looked(tmp_path, SharedTicks(database), ended=tuple(PARTS))
    database.close()
