"""`up` with other code than that of the running engine: only the worker is replaced."""

import json

import pytest

from tests.support.command_line import said
from tests.support.lab import Repo, until
from tests.support.scene import connected, has_text, pid_of, started
from workers.client import runs
from workers.core.records import Records
from workers.core.settings import load
from workers.engine import embedded as engine

DEFINITION = """apiVersion: sluiceway/v1
kind: Pipeline
name: upgraded
jobs:
  slow:
    run: echo once >> {out}/began; while [ ! -f {out}/go ]; do sleep 0.05; done
  after:
    needs: slow
    run: echo once >> {out}/after
"""


@pytest.mark.system
async def test_a_new_worker_takes_over_a_step_that_runs_and_nothing_else_is_restarted(up, tmp_path):
    chosen = load()
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": DEFINITION.replace("{out}", str(tmp_path))})
    run = started(repo)
    await until(lambda: has_text(tmp_path / "began"))
    worker, server = pid_of(chosen, "worker"), pid_of(chosen, "temporal")
    spec = chosen.home / "engine" / "worker" / "spec.json"
    spec.write_text(json.dumps({**json.loads(spec.read_text()), "code": "of before"}))

    said("up")
    assert pid_of(chosen, "worker") != worker
    assert pid_of(chosen, "temporal") == server
    (tmp_path / "go").touch()
    assert (await runs.result(await connected(chosen), run)).status == "passed"
    jobs = Records.at(chosen.records).runs.jobs(run)
    assert [(row["job"], row["attempt"], row["status"]) for row in jobs] == [
        ("slow", 1, "passed"),
        ("after", 1, "passed"),
    ]
    assert (tmp_path / "began").read_text() == "once\n"


@pytest.mark.system
def test_the_same_code_replaces_nothing(up):
    chosen = load()
    engine.up(chosen)
    worker = pid_of(chosen, "worker")

    said("up")

    assert pid_of(chosen, "worker") == worker
