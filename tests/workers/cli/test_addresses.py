"""Commands beside a configured SLUICEWAY_ADDRESS: another Temporal server than this home's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.source import git
from tests.support.command_line import call
from tests.support.lab import GRACE_S, Lab, until
from workers.client.client import Engine
from workers.client.pollers import pollers
from workers.core.settings import TASK_QUEUE
from workers.worker import temporal

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"SLUICEWAY_HOME": str(tmp_path / "home"), "SLUICEWAY_ADDRESS": NOWHERE}


def test_up_beside_a_configured_address_starts_nothing_and_says_what_to_do(env: dict[str, str], tmp_path: Path) -> None:
    code, _, said = call("up", env=env)

    assert (code, "SLW909" in said, "sluiceway worker" in said) == (2, True, True)
    assert not (tmp_path / "home" / "engine.json").exists()


def test_the_status_of_an_address_that_does_not_answer_does_not_advise_up(env: dict[str, str]) -> None:
    code, out, said = call("status", "--json", env=env)

    assert (code, json.loads(out)["up"], json.loads(out)["address"]) == (5, False, NOWHERE)
    assert "SLUICEWAY_ADDRESS" in said
    assert "sluiceway up" not in said


async def test_the_status_of_an_address_is_that_of_its_server_and_its_workers(lab: Lab, env: dict[str, str]) -> None:
    env["SLUICEWAY_ADDRESS"] = lab.settings.address
    code, _, said = call("status", env=env)  # the lab's worker polls a queue of its own
    assert (code, "SLW910" in said) == (5, True)

    client = lab.engine.client
    async with temporal.worker(client, lab.wired.activities, lab.ring, TASK_QUEUE, grace_s=GRACE_S, debug=True):
        await until(lambda: pollers(Engine(client)))
        assert call("status", env=env) == (
            0,
            f"the engine at {lab.settings.address} is up, namespace default, with 1 worker\n",
            "",
        )


def test_a_hook_keeps_the_address_and_the_namespace(env: dict[str, str], tmp_path: Path) -> None:
    bare = tmp_path / "it's.git"
    git.git("init", "-q", "--bare", str(bare))
    code, out, _ = call("hook", "install", str(bare), env=env | {"SLUICEWAY_NAMESPACE": "ours"})
    text = (bare / "hooks" / "post-receive").read_text()

    assert (code, NOWHERE in out) == (0, True)
    assert f"SLUICEWAY_ADDRESS={NOWHERE} SLUICEWAY_NAMESPACE=ours exec" in text
