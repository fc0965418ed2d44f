"""kill -9 of the signer in the middle of a run: who needs a permit waits for it, and its log stays whole."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import pytest

from domain.core.documents import Node
from tests.support.command_line import said
from tests.support.lab import Repo, until
from tests.support.scene import connected, kill, pid_of, started
from workers.client import runs
from workers.core.settings import Settings, load
from workers.engine import embedded as engine

JOBS = "".join(f"  j{at}: {{run: echo {at}{f', needs: j{at - 1}' if at else ''}}}\n" for at in range(6))
TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: signed\njobs:\n" + JOBS


@pytest.fixture
def chosen(up: Path) -> Settings:
    engine.up(load(), path=str(Path(sys.executable).parent))
    return load()


def permitted(chosen: Settings, count: int) -> bool:
    """Whether so many jobs have had their permit."""
    return chosen.signer_log.read_text().count('"effect":"exec"') >= count


async def test_a_signer_that_is_killed_comes_back_and_the_run_goes_on(chosen, tmp_path):
    run = started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT}))
    for wanted in (1, 3):
        await until(partial(permitted, chosen, wanted))
        kill(pid_of(chosen, "signer"))
    result = await runs.result(await connected(chosen), run)

    assert result.status == "passed"
    assert chosen.signer_log.read_text().count('"kind":"permit"') >= 6  # asked again where the answer was lost
    assert "none changed or missing" in said("signer", "verify")
    assert "permit   exec j5" in said("signer", "log")


async def test_status_of_the_log_is_told_as_json(chosen):
    assert Node(json.loads(said("signer", "verify", "--json")))["whole"].value is True
