"""Several services released as one: dark first, then weights with callees first; all are live, or all go back."""

import json

import pytest

from tests.support.lab import until
from workers.client import approvals, releases, runs

SHOP = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: shop
      strategy: {strategy}
      command: [x]
      analysis: {{tick: 0.1, min-dwell: 0.3, max-dwell: 1h, warm-up: 0, first-weight: 5, steps: [50] {more}}}
      services:
        web: {{version: "{web}", needs: [api]}}
        api: {{version: "{api}", needs: [db-proxy]}}
        db-proxy: {{version: "{db}"}}
"""
ORDER = ["db-proxy", "api", "web"]


def text(environment, *versions, strategy="canary", more=""):
    return SHOP.format(
        environment=environment, strategy=strategy, more=more, **dict(zip(("db", "api", "web"), versions, strict=True))
    )


async def ship(lab, *args, **more):
    return await lab.result(await lab.start(text(*args, **more)))


async def first(lab, environment, **more):
    result = await ship(lab, environment, "1", "1", "1", **more)
    assert result.status == "passed", result.reason


async def live(lab, environment):
    state = await releases.environment(lab.engine, environment)
    assert state.holder == ""
    return {name: state.live[name][-1].spec.version for name in ORDER}


def of(platform, lab, environment, word):
    """Actions of one kind in order, by the services' names."""
    names = {
        f"r{one['number']}": one["service"]
        for one in lab.records.releases.latest()
        if one["environment"] == environment
    }
    found = [one.split() for one in platform.actions if one.startswith(word)]
    return [(names[one[1]], *one[2:]) for one in found]


async def whole_of(lab, run):
    def found():
        rows = lab.records.releases.latest()
        return next((one["id"] for one in rows if (one["run"], one["service"]) == (run, "shop")), "")

    return await until(found)


async def test_all_start_dark_and_then_get_each_weight_callees_first(memory):
    lab, platform, _ = memory
    await first(lab, "sv1")
    platform.actions.clear()
    result = await ship(lab, "sv1", "2", "2", "2")

    assert result.status == "passed", result.reason
    assert await live(lab, "sv1") == dict.fromkeys(ORDER, "2")
    moved = of(platform, lab, "sv1", "shift")
    assert moved == [(name, percent) for percent in ("5", "50") for name in ORDER]
    assert [name for name, *_ in of(platform, lab, "sv1", "route")] == ORDER
    dark = platform.actions.index(next(one for one in platform.actions if one.startswith("shift")))
    assert sum(one.startswith("preview") for one in platform.actions[:dark]) == 3


async def test_one_that_fails_takes_all_back_callers_first(memory):
    lab, platform, _ = memory
    await first(lab, "sv2")
    platform.unreachable = {"bad"}
    platform.actions.clear()
    result = await ship(lab, "sv2", "bad", "2", "2")

    assert result.status == "rolled-back"
    assert await live(lab, "sv2") == dict.fromkeys(ORDER, "1")
    back = [name for name, *_ in of(platform, lab, "sv2", "route")][-3:]
    assert back == ["web", "api", "db-proxy"]
    assert all(len(platform.running[name]) == 1 for name in ORDER)
    whole = next(one for one in lab.records.releases.latest() if one["service"] == "shop")
    ended = json.loads(whole["result"])
    assert ended["services"]
    assert {one["standing"] for one in ended["clusters"].values()} == {"back"}


@pytest.mark.system
async def test_none_gets_traffic_when_one_never_gets_ready(memory):
    lab, platform, _ = memory
    await first(lab, "sv3")
    platform.never_ready = {"bad"}
    platform.actions.clear()
    result = await ship(lab, "sv3", "2", "2", "bad")

    assert result.status == "rolled-back"
    assert "web: version bad was not ready" in result.reason or "web" in result.reason
    assert not of(platform, lab, "sv3", "shift")
    assert await live(lab, "sv3") == dict.fromkeys(ORDER, "1")


@pytest.mark.system
async def test_a_cancelled_run_takes_all_back(memory):
    lab, platform, _ = memory
    await first(lab, "sv4")
    platform.stuck = {"slow"}
    run = await lab.start(text("sv4", "2", "slow", "2"))
    await until(lambda: any(len(platform.running[name]) == 2 for name in ORDER))
    await runs.cancel(lab.engine, run, "stop it")
    result = await lab.result(run)

    assert result.status == "cancelled"
    assert await live(lab, "sv4") == dict.fromkeys(ORDER, "1")
    assert all(len(platform.running[name]) == 1 for name in ORDER)


@pytest.mark.system
async def test_an_approval_between_steps_is_asked_for_once_for_all_services(memory):
    lab, platform, _ = memory
    await first(lab, "sv5")
    lab.identity("one")
    platform.actions.clear()
    asks = text("sv5", "2", "2", "2").replace(
        "strategy:", "approvals: [{before: promotion, users: [one]}]\n      strategy:"
    )
    run = await lab.start(asks)
    whole = await whole_of(lab, run)
    decision = await until(lambda: approvals.sign(lab.engine, whole, "promotion", "one", True, "", lab.settings.keys))
    assert not of(platform, lab, "sv5", "route")
    await approvals.decide(lab.engine, whole, "promotion", decision)
    result = await lab.result(run)

    assert result.status == "passed", result.reason
    assert [name for name, *_ in of(platform, lab, "sv5", "route")] == ORDER


async def test_a_person_steers_all_of_them_by_the_whole(memory):
    lab, platform, _ = memory
    await first(lab, "sv6")
    platform.stuck = {"slow"}
    run = await lab.start(text("sv6", "2", "slow", "2"))
    whole = await whole_of(lab, run)

    async def all_under_way():
        view = await releases.view(lab.engine, whole)
        return len([one for one in view.clusters if one.standing == "releasing"]) == 3 and view

    view = await until(all_under_way)
    assert view.services
    assert [(one.cluster, one.wave) for one in view.clusters] == [("db-proxy", 1), ("api", 2), ("web", 3)]
    await releases.steer(lab.engine, whole, "abort", "not today")
    result = await lab.result(run)

    assert (result.status, "not today" in result.reason) == ("rolled-back", True)
    assert await live(lab, "sv6") == dict.fromkeys(ORDER, "1")


async def back(lab, environment):
    whole = await releases.rollback(lab.engine, environment, "shop")
    return whole, await releases.outcome(lab.engine, whole)


async def test_what_came_as_one_goes_back_as_one_callers_first_and_whoever_asks_again_joins(memory):
    lab, platform, _ = memory
    await first(lab, "sv7", strategy="blue-green")
    assert (await ship(lab, "sv7", "2", "2", "2", strategy="blue-green")).status == "passed"
    await releases.outcome(lab.engine, await releases.rollback(lab.engine, "sv7", "api"))
    platform.actions.clear()
    whole, result = await back(lab, "sv7")

    assert (result.verdict, result.strategy) == ("live", "switch")
    assert result.reason.startswith("live again: web 1, db-proxy 1; api stays: r")
    assert [name for name, *_ in of(platform, lab, "sv7", "route")] == ["web", "db-proxy"]
    assert await live(lab, "sv7") == dict.fromkeys(ORDER, "1")
    assert await releases.rollback(lab.engine, "sv7", "shop") == whole


@pytest.mark.system
@pytest.mark.system
async def test_a_way_back_that_fails_leaves_all_as_they_were_and_can_be_asked_for_again(memory):
    lab, platform, _ = memory
    cold = {"strategy": "blue-green\n      rollback-window: 0"}
    assert (await ship(lab, "sv8", "1", "1", "first", **cold)).status == "passed"
    assert (await ship(lab, "sv8", "2", "2", "2", **cold)).status == "passed"
    platform.never_ready = {"first"}
    whole, result = await back(lab, "sv8")
    assert (result.verdict, await live(lab, "sv8")) == ("rolled-back", dict.fromkeys(ORDER, "2"))

    platform.never_ready = set()
    again, result = await back(lab, "sv8")
    assert (again != whole, result.verdict) == (True, "live")
    assert await live(lab, "sv8") == {"db-proxy": "1", "api": "1", "web": "first"}
