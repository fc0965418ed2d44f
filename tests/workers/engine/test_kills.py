"""kill -9 and restarts in the middle: the run ends as if nothing had happened, and no step runs twice."""

import json
import sys
import time
from pathlib import Path

import pytest

from tests.support.command_line import call
from tests.support.lab import Repo, alive, until
from tests.support.scene import Scene, commands_with, connected, kill, pid_of, started
from workers.client import approvals, runs
from workers.core.records import Records
from workers.core.settings import Settings, load
from workers.engine import embedded as engine

STEP = """apiVersion: sluiceway/v1
kind: Pipeline
name: kills
jobs:
  slow:
    run:
      - echo once >> {out}/first
      - echo begun > {out}/begun; while [ ! -f {out}/go ]; do sleep 0.05; done; echo once >> {out}/second
  after:
    needs: slow
    run: echo once >> {out}/after
"""


def said(*arguments: str, cwd: Path | None = None) -> str:
    """What a command prints that passes."""
    code, out, err = call(*arguments, cwd=cwd)
    assert code == 0, out + err
    return out


@pytest.fixture
def chosen(up: Path) -> Settings:
    """One engine for the tests of this file, with processes that can be killed; it is up when a test begins."""
    engine.up(load(), path=str(Path(sys.executable).parent))
    return load()


async def exists(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


async def test_a_worker_killed_in_a_step_finds_the_step_again(chosen, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": STEP.format(out=tmp_path)})
    run = started(repo)
    await until(lambda: exists(tmp_path / "begun"))
    kill(pid_of(chosen, "worker"))
    (tmp_path / "go").touch()
    result = await runs.result(await connected(chosen), run)

    assert result.status == "passed"
    for name in ("first", "second", "after"):
        assert (tmp_path / name).read_text() == "once\n"


async def test_the_server_can_be_restarted_in_a_step(chosen, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": STEP.format(out=tmp_path)})
    run = started(repo)
    await until(lambda: exists(tmp_path / "begun"))
    kill(pid_of(chosen, "temporal"))
    (tmp_path / "go").touch()

    async def ended():
        return await runs.result(await connected(chosen), run)

    result = await until(ended, 60)
    assert result.status == "passed"
    for name in ("first", "second", "after"):
        assert (tmp_path / name).read_text() == "once\n"


async def test_a_worker_killed_while_people_decide_loses_no_decision(chosen, tmp_path):
    text = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: asks\njobs:\n  ok:\n    approval: {users: [one, two], quorum: 2}\n"
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": text})
    for name in ("one", "two"):
        said("identity", "add", name)
    run = started(repo)
    one = await connected(chosen)

    async def asked():
        return await approvals.pending(one, run) and await approvals.view(one, run, "ok")

    await until(asked)
    said("approve", run, "--as", "one")
    kill(pid_of(chosen, "worker"))
    said("approve", run, "--as", "two")

    assert (await runs.result(one, run)).status == "passed"


async def test_a_worker_killed_in_a_deployment_ends_with_one_version_live(chosen, tmp_path):
    text = f"""apiVersion: sluiceway/v1
kind: Pipeline
name: ships
jobs:
  ship:
    environment: production
    deploy:
      service: held
      version: "1"
      command: [sh, -c, "echo once >> {tmp_path}/started; while [ ! -f {tmp_path}/go ]; do sleep 0.05; done; exec {sys.executable} -m http.server -b 127.0.0.1 $PORT"]
      readiness: {{http: /, timeout: 30s}}
"""
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": text})
    run = started(repo)
    await until(lambda: exists(tmp_path / "started"))
    kill(pid_of(chosen, "worker"))
    (tmp_path / "go").touch()
    result = await runs.result(await connected(chosen), run)

    assert result.status == "passed"
    assert (tmp_path / "started").read_text() == "once\n"


def test_when_all_is_down_the_records_still_tell_the_story(chosen, tmp_path):
    repo = Repo.create(
        tmp_path / "repo",
        {
            "sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: told\njobs:\n  a:\n    run: echo hello there\n"
        },
    )
    told = said("run", "sluiceway.yaml", cwd=repo.path)
    said("down")

    assert "run/told/1 passed" in told
    assert "told/1" in said("runs")
    assert "1 step passed" in said("show", "told/1")
    assert "hello there" in said("logs", "told/1")
    assert json.loads(said("show", "told/1", "--json"))["status"] == "passed"


async def test_a_worker_killed_in_the_middle_of_a_release_carries_each_action_out_once(chosen, tmp_path):
    """One of the kills of tests/system/test_killed_releases.py."""
    async with Scene.on(chosen, "killed", tmp_path) as scene:
        run = scene.begin()
        await scene.reached("^shift 50")
        kill(pid_of(chosen, "worker"))

        assert await scene.ends_where_its_record_says(run) == "passed"
        assert len(scene.running()) == 1, "only the live version runs"


async def test_a_run_that_was_under_way_at_down_goes_on_after_up_with_a_new_attempt(chosen, tmp_path):
    text = f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: resumed\njobs:\n  a:\n    run: echo begun >> {tmp_path}/begun; test $SLUICEWAY_ATTEMPT = 2 || sleep 600\n"
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": text})
    run = started(repo)
    await until(lambda: exists(tmp_path / "begun"))
    said("down")
    engine.up(chosen, path=str(Path(sys.executable).parent))

    assert (await runs.result(await connected(chosen), run)).status == "passed"
    assert [(row["attempt"], row["status"]) for row in Records.at(chosen.records).runs.jobs(run)] == [
        (1, "failed"),
        (2, "passed"),
    ]


def test_down_leaves_no_process_behind(chosen, tmp_path):
    repo = Repo.create(
        tmp_path / "repo",
        {
            "sluiceway.yaml": f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: left\njobs:\n  a:\n    run: echo $$ > {tmp_path}/pid; exec sleep 600\n"
        },
    )
    started(repo)
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    said("down")

    assert commands_with(str(chosen.home)) == []
    assert not alive(int((tmp_path / "pid").read_text()))
