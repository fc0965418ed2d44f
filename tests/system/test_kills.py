"""kill -9 and restarts in the middle: the run ends as if nothing had happened, and no step runs twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from activities.supervisor import launch
from tests.support.lab import Repo, alive, until
from tests.support.programs import program
from workers.client.client import Engine
from workers.core import connection
from workers.core.records import Records
from workers.core.settings import load
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


def sluiceway(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [program("sluiceway"), *arguments], cwd=cwd, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def running(home: Path, tmp_path: Path):
    """A whole engine as `sluiceway up` starts it, with processes that can be killed."""
    chosen = load()
    addresses = engine.up(chosen, path=str(Path(sys.executable).parent))
    return chosen, addresses


def pid_of(chosen, name: str) -> int:
    return launch.read_json(chosen.home / "engine" / name / "state.json")["instances"][0]["pid"]


def kill(pid: int) -> None:
    assert pid > 0, "0 would be this process's own group"
    os.kill(pid, signal.SIGKILL)


async def connected(addresses) -> Engine:
    return Engine(await connection.connect(addresses["temporal"]))


async def exists(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


async def test_a_worker_killed_in_a_step_finds_the_step_again(running, tmp_path):
    chosen, addresses = running
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": STEP.format(out=tmp_path)})
    run = sluiceway("run", "--detach", "sluiceway.yaml", cwd=repo.path).strip()
    await until(lambda: exists(tmp_path / "begun"))
    kill(pid_of(chosen, "worker"))
    (tmp_path / "go").touch()
    result = await (await connected(addresses)).run(run).result()

    assert result.status == "passed"
    for name in ("first", "second", "after"):
        assert (tmp_path / name).read_text() == "once\n"


async def test_the_server_can_be_restarted_in_a_step(running, tmp_path):
    chosen, addresses = running
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": STEP.format(out=tmp_path)})
    run = sluiceway("run", "--detach", "sluiceway.yaml", cwd=repo.path).strip()
    await until(lambda: exists(tmp_path / "begun"))
    kill(pid_of(chosen, "temporal"))
    (tmp_path / "go").touch()

    async def ended():
        return await (await connected(addresses)).run(run).result()

    result = await until(ended, 60)
    assert result.status == "passed"
    for name in ("first", "second", "after"):
        assert (tmp_path / name).read_text() == "once\n"


async def test_a_worker_killed_while_people_decide_loses_no_decision(running, tmp_path):
    chosen, addresses = running
    text = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: asks\njobs:\n  ok:\n    approval: {users: [one, two], quorum: 2}\n"
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": text})
    for name in ("one", "two"):
        sluiceway("identity", "add", name, cwd=tmp_path)
    run = sluiceway("run", "--detach", "sluiceway.yaml", cwd=repo.path).strip()
    one = await connected(addresses)

    async def asked():
        return await one.open_approvals(run) and await one.approval(run, "ok")

    await until(asked)
    sluiceway("approve", run, "--as", "one", cwd=tmp_path)
    kill(pid_of(chosen, "worker"))
    sluiceway("approve", run, "--as", "two", cwd=tmp_path)

    assert (await one.run(run).result()).status == "passed"


async def test_a_worker_killed_in_a_deployment_ends_with_one_version_live(running, tmp_path):
    chosen, addresses = running
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
    run = sluiceway("run", "--detach", "sluiceway.yaml", cwd=repo.path).strip()
    await until(lambda: exists(tmp_path / "started"))
    kill(pid_of(chosen, "worker"))
    (tmp_path / "go").touch()
    result = await (await connected(addresses)).run(run).result()

    assert result.status == "passed"
    assert (tmp_path / "started").read_text() == "once\n"


def test_when_all_is_down_the_records_still_tell_the_story(running, tmp_path):
    repo = Repo.create(
        tmp_path / "repo",
        {
            "sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: told\njobs:\n  a:\n    run: echo hello there\n"
        },
    )
    said = sluiceway("run", "sluiceway.yaml", cwd=repo.path)
    sluiceway("down", cwd=tmp_path)

    assert "run/told/1 passed" in said
    assert "told/1" in sluiceway("runs", cwd=tmp_path)
    assert "1 step passed" in sluiceway("show", "told/1", cwd=tmp_path)
    assert "hello there" in sluiceway("logs", "told/1", cwd=tmp_path)
    assert json.loads(sluiceway("show", "told/1", "--json", cwd=tmp_path))["status"] == "passed"


async def test_a_run_that_was_under_way_at_down_goes_on_after_up_with_a_new_attempt(running, tmp_path):
    chosen, _ = running
    text = f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: resumed\njobs:\n  a:\n    run: echo begun >> {tmp_path}/begun; test $SLUICEWAY_ATTEMPT = 2 || sleep 600\n"
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": text})
    run = sluiceway("run", "--detach", "sluiceway.yaml", cwd=repo.path).strip()
    await until(lambda: exists(tmp_path / "begun"))
    sluiceway("down", cwd=tmp_path)
    addresses = engine.up(chosen)

    assert (await (await connected(addresses)).run(run).result()).status == "passed"
    assert [(row["attempt"], row["status"]) for row in Records.at(chosen.records).runs.jobs(run)] == [
        (1, "failed"),
        (2, "passed"),
    ]


def test_down_leaves_no_process_behind(running, tmp_path):
    chosen, _ = running
    repo = Repo.create(
        tmp_path / "repo",
        {
            "sluiceway.yaml": f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: left\njobs:\n  a:\n    run: echo $$ > {tmp_path}/pid; exec sleep 600\n"
        },
    )
    sluiceway("run", "--detach", "sluiceway.yaml", cwd=repo.path)
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    sluiceway("down", cwd=tmp_path)
    mine = str(chosen.home)
    left = [p.name for p in Path("/proc").iterdir() if p.name.isdigit() and mine in _command(p)]

    assert left == []
    assert not alive(int((tmp_path / "pid").read_text()))


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
