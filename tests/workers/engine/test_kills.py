"""One kill -9 of the worker and one of the server, and one `down`: no step or decision is lost or done twice.

tests/system has kills in every phase, each on its own (engine/test_kills.py, releases/test_killed_releases.py).
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command_line import said
from tests.support.lab import Repo, alive, until
from tests.support.scene import commands_with, connected, has_text, kill, pid_of, started
from workers.client import approvals, runs
from workers.core.records import Records
from workers.core.settings import Settings, load
from workers.engine import embedded as engine

pytestmark = pytest.mark.long

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\njobs:\n"
STEP = """  slow:
    run:
      - echo once >> {out}/first
      - echo begun > {out}/begun; while [ ! -f {out}/go ]; do sleep 0.05; done; echo once >> {out}/second
  after:
    needs: slow
    run: echo once >> {out}/after
"""
APPROVAL = "  ok:\n    approval: {users: [one, two], quorum: 2}\n"


def repository(folder: Path, name: str, jobs: str) -> Repo:
    return Repo.create(folder / name, {"sluiceway.yaml": HEAD.format(name=name) + jobs.replace("{out}", str(folder))})


def up_again(chosen: Settings) -> Settings:
    engine.up(chosen, path=str(Path(sys.executable).parent))
    return chosen


@dataclass
class Killed:
    """What a kill of the worker was in the middle of."""

    folder: Path
    run: str
    chosen: Settings


@pytest.fixture(scope="module")
async def killed(up: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """One kill: of a step that runs, and an approval that one of two has given. Releases: tests/system/releases."""
    chosen, folder = load(), tmp_path_factory.mktemp("killed")
    for name in ("one", "two"):
        said("identity", "add", name)
    run = started(repository(folder, "kills", STEP + APPROVAL))
    await until(lambda: has_text(folder / "begun"))
    engine = await connected(chosen)
    await until(lambda: approvals.view(engine, run, "ok"))
    said("approve", run, "--as", "one")
    kill(pid_of(chosen, "worker"))
    (folder / "go").touch()
    said("approve", run, "--as", "two")
    return Killed(folder, run, chosen)


async def test_a_worker_killed_in_a_step_finds_the_step_again(killed):
    assert (await runs.result(await connected(killed.chosen), killed.run)).status == "passed"
    for name in ("first", "second", "after"):
        assert (killed.folder / name).read_text() == "once\n"


async def test_a_worker_killed_while_people_decide_loses_no_decision(killed):
    await runs.result(await connected(killed.chosen), killed.run)
    jobs = Records.at(killed.chosen.records).runs.jobs(killed.run)

    assert [(row["attempt"], row["status"]) for row in jobs if row["job"] == "ok"] == [(1, "passed")]


async def test_the_server_can_be_restarted_in_a_step(up, tmp_path):
    chosen = up_again(load())
    run = started(repository(tmp_path, "restarted", STEP))
    await until(lambda: has_text(tmp_path / "begun"))
    kill(pid_of(chosen, "temporal"))
    (tmp_path / "go").touch()

    async def ended():
        return await runs.result(await connected(chosen), run)

    result = await until(ended, 60)
    assert result.status == "passed"
    for name in ("first", "second", "after"):
        assert (tmp_path / name).read_text() == "once\n"


@dataclass
class Down:
    chosen: Settings
    told: str
    """What was said of a run that had ended."""
    under_way: str
    pid: int
    """Of the step that the other run was in."""


@pytest.fixture(scope="module")
async def down(up: Path, tmp_path_factory: pytest.TempPathFactory) -> Down:
    """An engine that was stopped with a run under way."""
    chosen, folder = up_again(load()), tmp_path_factory.mktemp("down")
    hello = repository(folder, "told", "  a:\n    run: echo hello there\n")
    told = said("run", "sluiceway.yaml", cwd=hello.path)
    step = "  a:\n    run: echo $$ > {out}/pid; test $SLUICEWAY_ATTEMPT = 2 || exec sleep 600\n"
    run = started(repository(folder, "resumed", step))
    await until(lambda: has_text(folder / "pid"))
    said("down")
    return Down(chosen, told, run, int((folder / "pid").read_text()))


def test_down_leaves_no_process_behind(down):
    assert commands_with(str(down.chosen.home)) == []
    assert not alive(down.pid)


def test_when_all_is_down_the_records_still_tell_the_story(down):
    assert "run/told/1 passed" in down.told
    assert "told/1" in said("runs")
    assert "1 step passed" in said("show", "told/1")
    assert "hello there" in said("logs", "told/1")
    assert json.loads(said("show", "told/1", "--json"))["row"]["status"] == "passed"


@pytest.mark.system
async def test_a_run_that_was_under_way_at_down_goes_on_after_up_with_a_new_attempt(down):
    up_again(down.chosen)

    assert (await runs.result(await connected(down.chosen), down.under_way)).status == "passed"
    jobs = Records.at(down.chosen.records).runs.jobs(down.under_way)
    assert [(row["attempt"], row["status"]) for row in jobs] == [(1, "failed"), (2, "passed")]
