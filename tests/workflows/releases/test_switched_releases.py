"""Blue-green and rolling releases on the memory platform, and the previous version while it is warm."""

import json

import pytest

from tests.support.lab import until
from tests.workflows.releases.judged import first, text
from workers.client import releases


async def test_blue_green_is_tried_at_its_own_address_and_switched_once(memory):
    lab, platform, _ = memory
    await first(lab, "j11", "blue-green")
    definition = text("j11", "2", "blue-green", extra="      checks: [{path: /}]")
    assert (await lab.result(await lab.start(definition))).status == "passed"

    moves = [action for action in platform.actions if "r2" in action]
    assert moves == ["start r2", "preview r2", "shift r2 10", "route r2"]


async def test_blue_green_with_a_failed_check_never_gets_traffic(memory):
    lab, platform, _ = memory
    await first(lab, "j12", "blue-green")
    platform.complaints = {"2": "/ answers 500, and 200 is wanted"}
    definition = text("j12", "2", "blue-green", extra="      checks: [{path: /}]")
    result = await lab.result(await lab.start(definition))

    assert result.status == "rolled-back"
    assert "answers 500" in result.reason
    assert not any("shift r2" in action or "route r2" in action for action in platform.actions)


@pytest.mark.system
async def test_blue_green_that_gives_way_to_an_attack_never_gets_traffic(memory):
    lab, platform, _ = memory
    await first(lab, "j20", "blue-green")
    platform.gave_way = {"web": "1 high blocks; high GET /greet: XSS"}
    definition = text("j20", "2", "blue-green", extra="      dast: {fail-on: medium}")
    result = await lab.result(await lab.start(definition))

    assert result.status == "rolled-back"
    assert "GET /greet: XSS" in result.reason
    assert json.loads(lab.records.releases.latest()[0]["result"])["attacked"] == "0" * 64
    assert not any("shift r2" in action or "route r2" in action for action in platform.actions)


async def test_a_switch_after_which_no_request_reaches_the_new_version_is_taken_back(memory):
    lab, platform, _ = memory
    await first(lab, "j19", "blue-green")
    platform.unreachable = {"2"}
    result = await lab.result(await lab.start(text("j19", "2", "blue-green")))

    assert result.status == "rolled-back"
    assert "0 requests to r2" in result.reason
    assert platform.weights["web"] == {"r1": 100.0}


@pytest.mark.system
async def test_a_switch_that_the_old_version_does_not_notice_is_taken_back(memory):
    lab, platform, _ = memory
    await first(lab, "j13", "blue-green")
    platform.leaking = {"1"}
    result = await lab.result(await lab.start(text("j13", "2", "blue-green")))

    assert result.status == "rolled-back"
    assert "3 to r1" in result.reason


async def test_rolling_replaces_processes_batch_by_batch(memory):
    lab, platform, _ = memory
    three = "      instances: 3\n      rolling: {batch: 2}"
    result = await lab.result(await lab.start(text("j14", "1", "rolling", extra=three)))
    assert result.status == "passed", result.reason
    result = await lab.result(await lab.start(text("j14", "2", "rolling", extra=three)))

    assert result.status == "passed", result.reason
    assert [a for a in platform.actions if "r2" in a or "r1" in a][2:] == [
        "start r2", "shift r2 66.67", "scale r1 1", "scale r2 3", "route r2", "stop r1",
    ]  # fmt: skip


async def test_the_version_before_is_back_at_once_while_it_is_warm_and_cools_down_afterwards(memory):
    lab, platform, _ = memory
    await first(lab, "j15")
    await lab.result(await lab.start(text("j15", "2")))
    assert set(platform.running["web"]) == {"r1", "r2"}
    back = await releases.rollback(lab.engine, "j15", "web")
    result = await lab.engine.client.get_workflow_handle(back).result()

    assert (result["verdict"], result["live"]) == ("live", "1")
    assert platform.weights["web"] == {"r1": 100.0}
    assert set(platform.running["web"]) == {"r1"}


@pytest.mark.system
async def test_the_rollback_window_ends(memory):
    lab, platform, _ = memory
    await first(lab, "j16")
    await lab.result(await lab.start(text("j16", "2", extra="      rollback-window: 0.5s")))

    await until(lambda: set(platform.running["web"]) == {"r2"})
