"""kill -9 in the middle of a release under load: it ends right, with the traffic where its record says.

tests/workers/engine/test_kills.py has one kill of these, for every change.
"""

import secrets

import pytest

from tests.support.scene import Scene, kill, pid_of
from tests.support.supervised import pids
from workers.core.settings import load


@pytest.fixture
async def scene(up, tmp_path):
    async with Scene.on(load(), f"web-{secrets.token_hex(2)}", tmp_path) as made:
        yield made


@pytest.mark.timeout(240)
async def test_whoever_is_killed_while_a_canary_is_watched_the_release_ends_right(scene):
    """One engine, one release after the other, each with another victim at its first weight."""
    router = scene.chosen.home / "router"
    victims = {
        "worker": lambda: pid_of(scene.chosen, "worker"),
        "router": lambda: pids(router)[0],
        "temporal": lambda: pid_of(scene.chosen, "temporal"),
        "supervisor of the canary": lambda: scene.supervisor(f"r{scene.number}"),
        "process of the canary": lambda: scene.pid(f"r{scene.number}"),
    }
    for name, victim in victims.items():
        run = scene.begin()
        await scene.reached("watch .* at 20 %")
        kill(victim())
        status = await scene.ends_where_its_record_says(run)
        assert status in ("passed", "rolled-back"), name
        assert status == "passed" or name in ("process of the canary", "router"), name


@pytest.mark.timeout(240)
async def test_a_worker_killed_in_any_action_of_a_release_carries_it_out_once(scene):
    for what in ("start", "shift 50", "route", "stop"):
        run = scene.begin()
        await scene.reached(f"^{what}")
        kill(pid_of(scene.chosen, "worker"))
        assert await scene.ends_where_its_record_says(run) == "passed", what
    assert len(scene.running()) == 1, "only the live version runs"


async def test_a_worker_killed_while_a_release_goes_back_finishes_it(scene):
    run = scene.begin('env: {FAIL_EVERY: "3"}')
    await scene.reached("back at")
    kill(pid_of(scene.chosen, "worker"))

    assert await scene.ends_where_its_record_says(run) == "rolled-back"
