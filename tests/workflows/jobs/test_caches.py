"""Caches of real jobs: hit and miss in the log, scopes, eviction, and that they never fail a job."""

import json
from typing import Any

import pytest

from activities.jobs.logs import parse
from domain.triggers.events import EventKind
from tests.support.lab import Lab

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\non: {{push: {{}}, pull-request: {{}}}}\n"
JOB = """jobs:
  a:
    cache: {key: deps, files: lock.txt, paths: [deps, ~/.tool/**], fallbacks: deps-}
    run: |
      if test -e deps/made; then echo "warm $(cat deps/made) $(cat ~/.tool/made)"; else echo cold; fi
      mkdir -p deps ~/.tool
      cp lock.txt deps/made
      cp lock.txt ~/.tool/made
      ln -sf /usr/bin/env deps/link
"""


class Cached:
    """One pipeline in one repository, run again and again."""

    def __init__(self, lab: Lab, name: str, job: str = JOB) -> None:
        self.lab, self.name = lab, name
        self.repo = lab.repo({"sluiceway.yaml": HEAD.format(name=name) + job, "lock.txt": "one"})

    async def run(self, kind: EventKind = EventKind.PUSH, branch: str = "main", **event) -> list[str]:
        """The engine's notes about caches, and what the step has said."""
        run = (await self.lab.deliver(self.repo, self.name, kind=kind, branch=branch, **event)).run
        result = await self.lab.result(run)
        assert result.status == "passed", result.reason
        (row,) = self.lab.records.runs.jobs(run)
        lines = list(parse(self.lab.wired.store.get(json.loads(row["result"])["log"])))
        assert [line.number for line in lines] == list(range(1, len(lines) + 1))
        told = [line.text for line in lines if line.stream in ("engine", "out")]
        return [text for text in told if not text.startswith("isolation: ")]


def key(lines: list[str]) -> str:
    return next(word for word in lines[0].replace(":", " ").split() if word.startswith("deps-"))


async def test_a_later_run_finds_what_an_earlier_one_has_saved(lab: Lab):
    cached = Cached(lab, "cached-1")
    first = await cached.run()
    name = key(first)
    second = await cached.run()

    assert first == [
        f"cache miss: {name} is not in branch/main, and no key starts with deps-",
        "cold",
        f"cache saved: {name} for branch/main (0.0 MB)",
    ]
    assert second == [
        f"cache hit: {name} of branch/main (0.0 MB)",
        "warm one one",
        f"cache not saved: {name} already exists",
    ]


async def test_other_files_are_another_key_and_the_newest_entry_helps(lab: Lab):
    cached = Cached(lab, "cached-2")
    name = key(await cached.run())
    cached.repo.commit({"lock.txt": "two"})
    lines = await cached.run()

    assert lines[0].startswith(f"cache partial hit: {name} of branch/main, because deps-")
    assert lines[1] == "warm one one"
    assert (await cached.run())[1] == "warm two two"


async def test_a_pull_request_reads_the_default_branch_and_leaves_nothing_behind(lab: Lab):
    cached = Cached(lab, "cached-3")
    cold = await cached.run(EventKind.PULL_REQUEST)
    assert cold[1:] == ["cold", "cache not saved: pull requests do not write caches"]
    await cached.run()
    assert (await cached.run(EventKind.PULL_REQUEST))[1] == "warm one one"


@pytest.mark.system
async def test_branches_read_the_default_branch_and_not_each_other(lab: Lab):
    cached = Cached(lab, "cached-4")
    await cached.run(branch="topic")
    assert (await cached.run(branch="other"))[1] == "cold"
    assert (await cached.run(branch="main"))[1] == "cold"
    cached.repo.commit({"lock.txt": "two"})
    await cached.run(branch="main")
    assert (await cached.run(branch="fresh"))[1] == "warm two two"


async def test_the_least_recently_used_makes_room(lab: Lab):
    activities: list[Any] = lab.wired.activities
    owner = next(one.__self__ for one in activities if one.__name__ == "run_job")
    owner._caches.limit_bytes = 100
    cached = Cached(
        lab,
        "cached-5",
        "jobs:\n  a:\n    cache: {key: k, files: lock.txt, paths: big}\n    run: head -c 60 /dev/zero > big\n",
    )
    await cached.run()
    cached.repo.commit({"lock.txt": "two"})
    lines = await cached.run()

    assert lines[-1].endswith("; 1 least recently used removed")
    assert [entry.size_bytes for entry in lab.records.caches.entries()] == [60]
    owner._caches.limit_bytes = 50
    cached.repo.commit({"lock.txt": "three"})
    assert "exceed the size limit of all caches" in (await cached.run())[-1]


async def test_an_entry_that_is_gone_or_forged_is_a_miss(lab: Lab):
    cached = Cached(lab, "cached-6")
    await cached.run()
    (entry,) = lab.records.caches.entries("cached-6", str(cached.repo.path))
    lab.stored_file(entry.digest).write_bytes(b"forged")
    lines = await cached.run()

    assert "cannot be used: object" in lines[0]
    assert lines[1] == "cold"
    assert (await cached.run())[1] == "warm one one"
    (entry,) = lab.records.caches.entries("cached-6", str(cached.repo.path))
    lab.wired.store.delete(entry.digest, 1e12)
    assert "is not in the store" in (await cached.run())[0]


async def test_a_link_of_the_checkout_is_not_followed_when_a_cache_is_put_in_place(lab: Lab, tmp_path):
    cached = Cached(lab, "cached-7")
    await cached.run()
    outside = tmp_path / "outside"
    outside.mkdir()
    (cached.repo.path / "deps").symlink_to(outside)
    cached.repo.commit({})
    assert (await cached.run())[1] == "warm one one"
    assert list(outside.iterdir()) == []


TREE = """jobs:
  a:
    cache: {key: k, paths: [./target, .venv, "~/.tool/"]}
    run: |
      test -d target || {
        mkdir -p target/empty .venv/lib ~/.tool; echo x > target/out.o; ln target/out.o target/out-1.o; chmod 750 target/empty
        ln -s lib .venv/lib64; ln -s /usr/bin/env .venv/python; ln -s none .venv/broken; mkfifo ~/.tool/pipe
        touch -d @1600000000.123456789 target/out.o; printf n > "$(printf '.venv/\\377')"; touch -hd @1500000000 .venv target
      }
      find target .venv ~/.tool ! -name pipe -printf '%y %m %n %T@ %l %f\\n' | sort | sha256sum
"""


async def test_a_hit_gives_the_tree_that_was_saved(lab: Lab):
    cached = Cached(lab, "cached-8", TREE)
    first, second = await cached.run(), await cached.run()

    assert first[-1] == "cache saved: k for branch/main (0.0 MB); 1 pipes, sockets or devices left out"
    assert second[0].startswith("cache hit")
    assert first[1] == second[1]
