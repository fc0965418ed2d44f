"""What people do with a release that is under way: pause, promote, abort, approve; and how long it may take."""

import asyncio
import contextlib

import pytest

from domain.core.errors import SluicewayError
from tests.support.lab import until
from tests.support.profile import first_of
from tests.workflows.approvals.test_console_approvals import Console
from tests.workflows.releases.judged import first, nth, reached, recorded, second, text, view
from workers.client import approvals, releases
from workers.client.ports.pages import PageOf

APPROVAL = "      approvals: [{before: promotion, users: [one]}]"
STATES = {
    # what is awaited there, what is refused there, what is taken
    "watches": ("watch", ["resume"], ["pause", "resume", "abort"]),
    "waits for its lock": ("lock", ["resume", "promote", "override"], ["pause", "resume", "abort"]),
    "starts": ("start", ["resume", "override"], ["pause", "resume", "promote", "rollback"]),
    "asks": ("approval", ["resume"], ["pause", "resume", "promote", "rollback"]),
    "goes back": ("stop", ["pause", "resume", "promote"], ["abort", "rollback"]),
    "has ended": ("", ["pause", "resume", "promote", "abort", "rollback"], []),
}


async def test_a_paused_release_is_judged_on_and_goes_on_when_resumed(memory):
    lab, _, source = memory
    await first(lab, "j5")
    source.per_tick = 4  # too little for evidence
    run = await lab.start(text("j5", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    await releases.steer(lab.engine, release, "pause", "lunch")
    held, seen = await view(lab, release), source.reads
    source.per_tick = 1000
    await until(lambda: source.reads > seen + 12)
    assert (await view(lab, release)).percent == held.percent
    assert (await view(lab, release)).paused
    with pytest.raises(SluicewayError, match="already paused"):
        await releases.steer(lab.engine, release, "pause", "")
    await releases.steer(lab.engine, release, "resume", "")
    assert (await lab.result(run)).status == "passed"


@pytest.mark.system
async def test_a_paused_release_still_rolls_back(memory):
    lab, platform, source = memory
    await first(lab, "j6")
    source.per_tick = 4
    run = await lab.start(text("j6", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    await releases.steer(lab.engine, release, "pause", "lunch")
    source.per_tick, source.error_rate = 1000, {"2": 0.5}

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


@pytest.mark.parametrize("verb", first_of("abort", "rollback"))
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
    inbox = Console(lab).of("")

    async def listed():
        return (await inbox.inbox(PageOf(), mine=False)).items

    (row,) = await until(listed)
    assert (row.id, row.run, row.environment) == (f"approval/{release}/promotion", release, "j9")
    before = source.reads
    await until(lambda: source.reads > before + 3)
    decision = await approvals.sign(lab.engine, release, "promotion", "one", True, "", lab.settings.keys)
    assert (await approvals.decide(lab.engine, release, "promotion", decision)).counted
    assert await listed() == ()
    assert (await lab.result(run)).status == "passed"


@pytest.mark.parametrize("how", first_of("reject", "bad", "abort"))
async def test_while_an_approval_waits_the_release_can_go_back(memory, how):
    lab, platform, source = memory
    environment = f"j10-{how}"
    lab.identity("one")
    await first(lab, environment)
    run = await lab.start(text(environment, "2", extra=APPROVAL))
    release = await second(lab)

    async def asked():
        with contextlib.suppress(SluicewayError):  # the release names it a moment before it begins
            return await approvals.view(lab.engine, release, "promotion")

    await until(asked)
    if how == "bad":
        source.error_rate = {"2": 0.5}
    elif how == "abort":
        await releases.steer(lab.engine, release, "abort", "no")
    else:
        decision = await approvals.sign(lab.engine, release, "promotion", "one", False, "", lab.settings.keys)
        await approvals.decide(lab.engine, release, "promotion", decision)

    assert (await lab.result(run)).status == "rolled-back"
    assert platform.weights["web"] == {"r1": 100.0}


@pytest.mark.parametrize("state", first_of(*STATES))
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
        release = await nth(lab, 3)
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
        async with asyncio.timeout(120):
            with pytest.raises(SluicewayError, match=f"{verb}: |has ended"):
                await releases.steer(lab.engine, release, verb, "x")
    for verb in taken:
        async with asyncio.timeout(120):
            assert await releases.steer(lab.engine, release, verb, "x")
    for gone in platform.lingering.values():
        gone.set()


async def test_a_release_past_its_deadline_goes_back(memory):
    lab, _, source = memory
    await first(lab, "j17")
    source.per_tick = 2
    result = await lab.result(await lab.start(text("j17", "2", extra="      deadline: 1s")))

    assert result.status == "rolled-back"
    assert "not at full traffic after 1 s" in result.reason
