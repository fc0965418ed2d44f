"""Canary, blue-green and rolling releases on the memory platform: judged, steered, approved, killed."""

import asyncio
import json

import pytest
from temporalio.service import RPCError

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError
from tests.support.fakes import on_memory
from tests.support.lab import Lab, until
from workers.client import approvals, releases

DEPLOY = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: web
      version: "{version}"
      command: [x]
      strategy: {strategy}
      analysis: {{tick: 0.1, min-dwell: 0.3, max-dwell: 20, warm-up: 0, first-weight: 5 {more}}}
{extra}
"""


@pytest.fixture
async def memory(temporal_address, tmp_path):
    platform, source = MemoryTarget(), MemorySource()
    async with Lab.on(temporal_address, tmp_path) as plain:
        pass
    async with Lab.on(temporal_address, tmp_path, on_memory(plain, platform, source)) as lab:
        yield lab, platform, source


def text(environment: str, version: str, strategy: str = "canary", more: str = "", extra: str = "") -> str:
    return DEPLOY.format(environment=environment, version=version, strategy=strategy, more=more, extra=extra)


async def second(lab: Lab) -> str:
    """The id of the second release, once it exists."""
    return await until(lambda: len(lab.records.releases.latest()) > 1 and lab.records.releases.latest()[0]["id"])


async def first(lab: Lab, environment: str, strategy: str = "canary") -> None:
    result = await lab.result(await lab.start(text(environment, "1", strategy)))
    assert result.status == "passed", result.reason


async def view(lab: Lab, release: str):
    return await releases.view(lab.engine, release)


async def reached(lab: Lab, release: str, percent: float):
    async def there():
        try:
            seen = await view(lab, release)
        except (SluicewayError, RPCError):
            return None
        return seen if seen.percent >= percent and "watch" in " ".join(e.what for e in seen.story) else None

    return await until(there)


def recorded(lab: Lab) -> dict:
    return json.loads(lab.records.releases.latest()[0]["result"])


async def test_a_good_version_is_promoted_step_by_step_by_evidence(memory):
    lab, platform, _ = memory
    await first(lab, "j1")
    run = await lab.start(text("j1", "2"))
    result = await lab.result(run)

    assert result.status == "passed"
    shifts = [action for action in platform.actions if action.startswith(("shift", "route r2"))]
    assert shifts == ["shift r2 5", "shift r2 10", "shift r2 25", "shift r2 50", "route r2"]
    release = recorded(lab)
    assert (release["verdict"], release["proven"]) == ("live", True)
    assert "excluded" in " ".join(event["why"] for event in release["story"])
    assert platform.running["web"] == {"r1": 1, "r2": 1}  # the version before stays warm
    lines = FolderStore(lab.settings.store).get(release["ticks"]).decode().splitlines()
    assert len(lines) == len({json.loads(line)["tick"] for line in lines})


async def test_a_bad_version_is_rolled_back_with_the_reason_and_the_traffic_goes_first(memory):
    lab, platform, source = memory
    await first(lab, "j2")
    source.error_rate = {"2": 0.1}
    result = await lab.result(await lab.start(text("j2", "2")))

    assert (result.status, result.stopped_by) == ("rolled-back", "ship")
    assert "failed: " in result.reason
    assert "version 1 is live again" in result.reason
    assert platform.actions[-2:] == ["route r1", "stop r2"]
    assert platform.weights["web"] == {"r1": 100.0}


async def test_without_evidence_the_definition_decides_and_it_is_said(memory):
    lab, _, source = memory
    await first(lab, "j3")
    source.per_tick = 4
    definition = text("j3", "2").replace("max-dwell: 20", "max-dwell: 0.6")
    result = await lab.result(await lab.start(definition))

    assert result.status == "passed"
    assert recorded(lab)["proven"] is False
    assert "inconclusive" in " ".join(event["why"] for event in recorded(lab)["story"])


async def test_a_canary_that_gets_no_traffic_is_a_fault_and_goes_back(memory):
    lab, _, source = memory
    await first(lab, "j4")
    source.silent = {"2"}
    run = await lab.start(text("j4", "2"))
    release = await second(lab)

    async def faulty():
        seen = await view(lab, release)
        return seen if "no traffic" in seen.doing or "has had none" in seen.doing else None

    assert await until(faulty)
    await releases.steer(lab.engine, release, "abort", "enough")
    assert (await lab.result(run)).status == "rolled-back"


async def test_a_paused_release_is_judged_on_and_goes_on_when_resumed(memory):
    lab, _, source = memory
    await first(lab, "j5")
    run = await lab.start(text("j5", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    await releases.steer(lab.engine, release, "pause", "lunch")
    held, seen = await view(lab, release), source.reads
    await until(lambda: source.reads > seen + 12)
    assert (await view(lab, release)).percent == held.percent
    assert (await view(lab, release)).paused
    with pytest.raises(SluicewayError, match="already paused"):
        await releases.steer(lab.engine, release, "pause", "")
    await releases.steer(lab.engine, release, "resume", "")
    assert (await lab.result(run)).status == "passed"


async def test_a_paused_release_still_rolls_back(memory):
    lab, platform, source = memory
    await first(lab, "j6")
    run = await lab.start(text("j6", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    await releases.steer(lab.engine, release, "pause", "lunch")
    source.error_rate = {"2": 0.5}

    assert (await lab.result(run)).status == "rolled-back"
    assert platform.weights["web"] == {"r1": 100.0}


async def test_promoting_by_hand_skips_the_watching_and_is_never_called_proven(memory):
    lab, _, source = memory
    await first(lab, "j7")
    source.per_tick = 2
    run = await lab.start(text("j7", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    await releases.steer(lab.engine, release, "promote", "it is fine")

    assert (await lab.result(run)).status == "passed"
    assert recorded(lab)["proven"] is False
    with pytest.raises(SluicewayError):
        await releases.steer(lab.engine, release, "pause", "")


@pytest.mark.parametrize("verb", ["abort", "rollback"])
async def test_going_back_by_signal_works_while_it_watches(memory, verb):
    lab, platform, source = memory
    environment = f"j8-{verb}"
    await first(lab, environment)
    source.per_tick = 2
    run = await lab.start(text(environment, "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    await lab.engine.client.get_workflow_handle(release).signal(verb)

    assert (await lab.result(run)).status == "rolled-back"
    assert platform.weights["web"] == {"r1": 100.0}
    assert "r2" not in platform.running["web"]


APPROVAL = "      approvals: [{before: promotion, users: [one]}]"


async def test_an_approval_between_steps_is_asked_and_the_version_is_judged_while_it_waits(memory):
    lab, _, source = memory
    lab.identity("one")
    await first(lab, "j9")
    run = await lab.start(text("j9", "2", extra=APPROVAL))
    release = await second(lab)

    async def asked():
        seen = await view(lab, release)
        return seen.approvals if seen.approvals else None

    assert await until(asked) == ("promotion",)
    before = source.reads
    await until(lambda: source.reads > before + 3)
    decision = await approvals.sign(lab.engine, release, "promotion", "one", True, "", lab.settings.identities)
    assert (await approvals.decide(lab.engine, release, "promotion", decision)).counted
    assert (await lab.result(run)).status == "passed"


@pytest.mark.parametrize("how", ["bad", "abort", "reject"])
async def test_while_an_approval_waits_the_release_can_go_back(memory, how):
    lab, platform, source = memory
    environment = f"j10-{how}"
    lab.identity("one")
    await first(lab, environment)
    run = await lab.start(text(environment, "2", extra=APPROVAL))
    release = await second(lab)

    async def asked():
        return (await view(lab, release)).approvals or None

    await until(asked)
    if how == "bad":
        source.error_rate = {"2": 0.5}
    elif how == "abort":
        await releases.steer(lab.engine, release, "abort", "no")
    else:
        decision = await approvals.sign(lab.engine, release, "promotion", "one", False, "", lab.settings.identities)
        await approvals.decide(lab.engine, release, "promotion", decision)

    assert (await lab.result(run)).status == "rolled-back"
    assert platform.weights["web"] == {"r1": 100.0}


STATES = {
    # what is awaited there, what is refused there, what is taken
    "waits for its lock": ("lock", ["resume", "promote"], ["pause", "resume", "abort"]),
    "starts": ("start", ["resume"], ["pause", "resume", "promote", "rollback"]),
    "watches": ("watch", ["resume"], ["pause", "resume", "abort"]),
    "asks": ("approval", ["resume"], ["pause", "resume", "promote", "rollback"]),
    "goes back": ("stop", ["pause", "resume", "promote"], ["abort", "rollback"]),
    "has ended": ("", ["pause", "resume", "promote", "abort", "rollback"], []),
}


@pytest.mark.parametrize("state", STATES)
async def test_steering_is_answered_within_two_seconds_in_every_state(memory, state):
    lab, platform, source = memory
    awaited, refused, taken = STATES[state]
    environment = f"steered-{list(STATES).index(state)}"
    await first(lab, environment)
    source.per_tick = 4  # too little for evidence: it watches until it is told something
    platform.stuck = {"2"} if state in ("starts", "waits for its lock") else set()
    platform.lingering = {"2": asyncio.Event()} if state == "goes back" else {}
    extra = "      approvals: [{before: 5, users: [one]}]" if state == "asks" else ""
    await lab.start(text(environment, "2", extra=extra))
    release = await second(lab)
    if state == "waits for its lock":
        await lab.start(text(environment, "3"))
        release = await until(lambda: len(lab.records.releases.latest()) > 2 and lab.records.releases.latest()[0]["id"])
    if state in ("goes back", "has ended"):
        await reached(lab, release, 5)
        await releases.steer(lab.engine, release, "abort", "x")
    if state == "has ended":
        await until(lambda: lab.records.releases.latest()[0]["ended_at"])

    async def there():
        seen = await view(lab, release)
        return awaited in f"{seen.doing} {seen.waiting_for}"

    await until(there)
    for verb in refused:
        async with asyncio.timeout(2):
            with pytest.raises(SluicewayError, match=f"{verb}: |has ended"):
                await releases.steer(lab.engine, release, verb, "x")
    for verb in taken:
        async with asyncio.timeout(2):
            assert await releases.steer(lab.engine, release, verb, "x")
    for gone in platform.lingering.values():
        gone.set()


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


async def test_the_rollback_window_ends(memory):
    lab, platform, _ = memory
    await first(lab, "j16")
    await lab.result(await lab.start(text("j16", "2", extra="      rollback-window: 0.5s")))

    await until(lambda: set(platform.running["web"]) == {"r2"})


async def test_a_release_past_its_deadline_goes_back(memory):
    lab, _, source = memory
    await first(lab, "j17")
    source.per_tick = 2
    result = await lab.result(await lab.start(text("j17", "2", extra="      deadline: 1s")))

    assert result.status == "rolled-back"
    assert "not at full traffic after 1 s" in result.reason


async def test_a_source_that_comes_back_costs_nothing_but_time(memory):
    lab, _, source = memory
    await first(lab, "j18")

    source.failing = {5, 6}
    run = await lab.start(text("j18", "2"))

    assert (await lab.result(run)).status == "passed"
    assert "could not be read" in " ".join(event["why"] for event in recorded(lab)["story"])
