"""kill -9 of the worker wherever it may be: the run ends as if nothing had happened, and no step runs twice.

tests/workers/engine/test_kills.py has one kill of these, for every change.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.command_line import said
from tests.support.lab import Repo, until
from tests.support.scene import connected, has_text, kill, pid_of, started
from workers.client import approvals, runs
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


@pytest.fixture
def chosen(up: Path) -> Settings:
    """One engine for the tests of this file, with processes that can be killed; it is up when a test begins."""
    engine.up(load(), path=str(Path(sys.executable).parent))
    return load()


async def test_a_worker_killed_in_a_step_finds_the_step_again(chosen, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": STEP.format(out=tmp_path)})
    run = started(repo)
    await until(lambda: has_text(tmp_path / "begun"))
    kill(pid_of(chosen, "worker"))
    (tmp_path / "go").touch()
    result = await runs.result(await connected(chosen), run)

    assert result.status == "passed"
    for name in ("first", "second", "after"):
        assert (tmp_path / name).read_text() == "once\n"


async def test_the_only_worker_paused_past_its_heartbeat_finds_its_step_again(chosen, tmp_path):
    text = STEP.replace("name: kills", "name: paused").format(out=tmp_path)
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": text})
    run = started(repo)
    await until(lambda: has_text(tmp_path / "begun"))
    os.kill(pid_of(chosen, "worker"), signal.SIGSTOP)
    await asyncio.sleep(9)  # the heartbeat is missed after 6
    os.kill(pid_of(chosen, "worker"), signal.SIGCONT)
    await asyncio.sleep(1)  # what would kill the step happens when it wakes
    (tmp_path / "go").touch()
    result = await runs.result(await connected(chosen), run)

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
    await until(lambda: has_text(tmp_path / "started"))
    kill(pid_of(chosen, "worker"))
    (tmp_path / "go").touch()
    result = await runs.result(await connected(chosen), run)

    assert result.status == "passed"
    assert (tmp_path / "started").read_text() == "once\n"
