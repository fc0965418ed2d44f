"""A release over many clusters: wave by wave, each cluster for itself; one that fails goes back alone."""

import asyncio
import json

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment

from activities.releases.drift.activities import DriftActivities
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.waves.pool import PoolActivities
from activities.releases.waves.port import Pooled, PoolInput
from activities.source import git
from tests.support.clustered import FAST, NAMES, begun, ended, registered, seen, ship
from tests.support.fakes import FastClock, Fleet, on_memory
from tests.support.lab import Lab, prepared, until
from tests.support.profile import first_of
from tests.workflows.releases.test_kubernetes_releases import bare
from workers.client import releases, runs


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["canary-eu", "eu-1", "us-1"], id="three"),
        pytest.param(NAMES, id="ten", marks=pytest.mark.system),
    ],
)
async def test_clusters_get_a_version_wave_by_wave_each_by_its_own_judged_release(fleet, names):
    lab, clusters, _ = fleet
    place = f"many1-{len(names)}"
    registered(lab, place, names)
    await ship(lab, place, "1", "canary")
    clusters.begun.clear()
    result = await ship(lab, place, "2", "canary")

    assert result.status == "passed", result.reason
    assert {one.routes["web"] for one in clusters.clusters.values()} == {"r2"}
    second = [one for one in names if one.startswith("eu-")]
    assert clusters.begun[0] == "canary-eu"
    assert set(clusters.begun[1 : 1 + len(second)]) == set(second)
    whole = ended(lab, f"release/web/{place}/2")
    assert whole["proven"]
    assert {one["standing"] for one in whole["clusters"].values()} == {"live"}


async def test_a_cluster_that_fails_goes_back_alone_and_the_wave_holds_until_people_decide(fleet):
    lab, clusters, _ = fleet
    registered(lab, "many2", NAMES[:3])
    await ship(lab, "many2", "1")
    clusters.clusters["eu-1"].never_ready = {"2"}
    run = await begun(lab, "many2", "2")
    failed = await seen(lab, "release/web/many2/2", "eu-1", "back")

    assert "was not ready" in failed.reason
    assert clusters.clusters["canary-eu"].routes["web"] == "r2"
    assert clusters.clusters["eu-1"].routes["web"] == "r1"
    await releases.steer(lab.engine, "release/web/many2/2", "promote", "without it")
    result = await lab.result(run)
    assert result.status == "passed"
    assert "without eu-1" in ended(lab, "release/web/many2/2")["reason"]


async def test_an_abort_of_the_whole_takes_every_cluster_back_last_wave_first(fleet):
    lab, clusters, _ = fleet
    registered(lab, "many3", NAMES[:3], [{"clusters": "canary-eu"}, {"clusters": "region=eu"}])
    await ship(lab, "many3", "1")
    clusters.clusters["eu-2"].stuck = {"2"}
    run = await begun(lab, "many3", "2")
    await seen(lab, "release/web/many3/2", "eu-1", "live")
    await seen(lab, "release/web/many3/2", "eu-2", "releasing")
    clusters.begun.clear()
    await releases.steer(lab.engine, "release/web/many3/2", "abort", "not today")
    result = await lab.result(run)

    assert (result.status, "not today" in result.reason) == ("rolled-back", True)
    assert {one.running["web"].popitem()[0][0] for one in clusters.clusters.values()} == {"r"}
    versions = {name: await live(lab, f"many3@{name}") for name in NAMES[:3]}
    assert versions == dict.fromkeys(NAMES[:3], "1")
    assert clusters.begun[-1] == "canary-eu"


async def live(lab, place):
    return (await releases.environment(lab.engine, place)).live["web"][-1].spec.version


@pytest.mark.system
async def test_a_cancelled_run_takes_every_cluster_back(fleet):
    lab, clusters, _ = fleet
    registered(lab, "many4", NAMES[:2])
    await ship(lab, "many4", "1")
    clusters.clusters["eu-1"].stuck = {"2"}
    run = await begun(lab, "many4", "2")
    await seen(lab, "release/web/many4/2", "eu-1", "releasing")
    await runs.cancel(lab.engine, run, "stop it")
    result = await lab.result(run)

    assert result.status == "cancelled"
    assert [await live(lab, f"many4@{name}") for name in NAMES[:2]] == ["1", "1"]
    assert (await releases.environment(lab.engine, "many4")).holder == ""


@pytest.mark.parametrize("how", first_of("skip", "hold"))
async def test_a_cluster_that_does_not_answer_is_skipped_or_waited_for(fleet, how):
    lab, clusters, _ = fleet
    name = f"many5-{how}"
    registered(lab, name, NAMES[:2], [{"clusters": ["canary-eu"]}, {"clusters": "eu-1"}], unreachable=how)
    clusters.away = {"canary-eu"}
    run = await begun(lab, name, "1")
    if how == "hold":
        await seen(lab, f"release/web/{name}/1", "canary-eu", "releasing")

        async def waits():
            view = await releases.view(lab.engine, f"release/web/{name}/1")
            return "does not answer" in view.clusters[0].reason

        await until(waits)
        assert clusters.begun == []
        await releases.steer(lab.engine, f"release/web/{name}/1", "promote", "without it")
    result = await lab.result(run)

    assert result.status == "passed"
    assert "without canary-eu" in ended(lab, f"release/web/{name}/1")["reason"]
    assert set(clusters.begun) == {"eu-1"}


async def test_the_next_wave_waits_for_the_soak_of_the_one_before_which_people_can_end(fleet):
    lab, clusters, _ = fleet
    registered(lab, "many6", NAMES[:2], [{"clusters": "canary-eu", "soak": "1h"}, {"clusters": "eu-1"}])
    run = await begun(lab, "many6", "1")
    await seen(lab, "release/web/many6/1", "canary-eu", "live")

    async def soaks():
        return "soak" in (await releases.view(lab.engine, "release/web/many6/1")).waiting_for

    await until(soaks)
    assert clusters.begun == ["canary-eu"]
    await releases.steer(lab.engine, "release/web/many6/1", "promote", "it is fine")
    assert (await lab.result(run)).status == "passed"
    assert clusters.begun == ["canary-eu", "eu-1"]


@pytest.mark.system
async def test_a_wave_does_not_count_a_cluster_that_was_taken_back_meanwhile(fleet):
    lab, clusters, _ = fleet
    registered(lab, "many7", NAMES[:2], [{"clusters": "canary-eu", "soak": "1h"}, {"clusters": "eu-1"}])
    run = await begun(lab, "many7", "1")
    await seen(lab, "release/web/many7/1", "canary-eu", "live")
    await releases.steer(lab.engine, "release/web/many7/1", "promote", "")
    await lab.result(run)
    run = await begun(lab, "many7", "2")
    await seen(lab, "release/web/many7/2", "canary-eu", "live")
    back = await releases.rollback(lab.engine, "many7@canary-eu", "web")
    await lab.engine.client.get_workflow_handle(back).result()
    clusters.begun.clear()
    await releases.steer(lab.engine, "release/web/many7/2", "promote", "")
    otherwise = await seen(lab, "release/web/many7/2", "canary-eu", "back")

    assert "instead of r2" in otherwise.reason
    assert clusters.begun == []
    await releases.steer(lab.engine, "release/web/many7/2", "abort", "")
    await lab.result(run)


@pytest.mark.system
async def test_a_rollback_by_hand_of_the_whole_takes_every_cluster_back(fleet):
    lab, _, _ = fleet
    registered(lab, "many8", NAMES[:3])
    await ship(lab, "many8", "1")
    await ship(lab, "many8", "2")
    back = await releases.rollback(lab.engine, "many8", "web")
    await asyncio.wait_for(lab.engine.client.get_workflow_handle(back).result(), 120)

    assert [await live(lab, f"many8@{name}") for name in NAMES[:3]] == ["1", "1", "1"]
    assert await live(lab, "many8") == "1"


@pytest.mark.system
async def test_clusters_that_find_nothing_alone_find_together_that_a_version_is_worse(fleet):
    lab, _, source = fleet
    names = NAMES[1:5]
    registered(lab, "many9", names, [{"clusters": "region=eu", "at-once": 4}])
    await ship(lab, "many9", "1")
    source.per_tick, source.error_rate = 60, {"2": 0.25}
    run = await begun(lab, "many9", "2", "canary", held("max-dwell: 900000"))
    result = await lab.result(run)
    whole = ended(lab, "release/web/many9/2")

    assert result.status == "rolled-back"
    assert "clusters is left out" in whole["reason"]
    assert whole["pooled"]["worse"]
    assert set(whole["pooled"]["ticks"]) <= set(names)  # one of them may have begun too late to count
    errors = next(one for one in whole["pooled"]["metrics"] if one["metric"] == "errors")
    assert errors["evidence"] >= errors["threshold"] > 0
    assert [await live(lab, f"many9@{name}") for name in names] == ["1"] * 4


def held(max_dwell: str) -> str:
    """Nothing goes on without evidence."""
    return FAST.replace("on-inconclusive: promote", "on-inconclusive: hold").replace("max-dwell: 20", max_dwell)


@pytest.mark.system
async def test_ten_clusters_too_small_to_prove_a_version_alone_go_on_with_what_all_have_proven(fleet):
    lab, clusters, source = fleet
    registered(lab, "many12", NAMES, [{"clusters": NAMES, "at-once": 10}])
    await ship(lab, "many12", "1")
    source.per_tick = 20
    result = await lab.result(await begun(lab, "many12", "2", "canary", held("max-dwell: 2")))

    assert result.status == "passed", result.reason
    assert {one.routes["web"] for one in clusters.clusters.values()} == {"r2"}
    parts = [ended(lab, f"release/web/many12@{name}/2") for name in NAMES]
    assert all(one["proven"] for one in parts)
    assert any("all clusters together" in event["why"] for one in parts for event in one["story"])


@pytest.mark.system
async def test_no_further_cluster_begins_amid_doubt_until_a_person_goes_on(fleet):
    lab, clusters, source = fleet
    registered(lab, "many13", NAMES[1:4], [{"clusters": "region=eu", "at-once": 2}])
    await ship(lab, "many13", "1")
    clusters.begun.clear()
    source.per_tick, source.error_rate = 500, {"eu-1/2": 0.9, "eu-1/1": 0.9}
    run = await begun(lab, "many13", "2", "canary", held("max-dwell: 900000"))
    whole = "release/web/many13/2"

    async def doubted():
        return "traffic that clears it" in (await releases.view(lab.engine, whole)).waiting_for

    await seen(lab, whole, "eu-2", "live")
    await until(doubted)
    assert set(clusters.begun) == {"eu-1", "eu-2"}
    await releases.steer(lab.engine, whole, "promote", "it is our incident")
    assert (await lab.result(run)).status == "passed"
    assert set(clusters.begun) == set(NAMES[1:4])


class EndsWhenCancelled(PoolActivities):
    """Its answer comes at the moment in which it is cancelled."""

    @activity.defn(name="observe-pool")
    async def observe_pool(self, input: PoolInput) -> Pooled:
        try:
            return await super().observe_pool(input)
        except asyncio.CancelledError:
            return Pooled()


@pytest.mark.system
async def test_a_look_that_ends_as_it_is_cancelled_does_not_hold_the_release_up(temporal_address, tmp_path):
    clusters, clock = Fleet(), FastClock()
    plain = prepared(temporal_address, tmp_path)
    pool = EndsWhenCancelled(plain.settings.home / "releases", clock)
    kept = [one for one in on_memory(plain, clusters, MemorySource(), clock) if one.__name__ != "observe_pool"]
    async with Lab.on(temporal_address, tmp_path, [*kept, pool.observe_pool]) as lab:
        registered(lab, "many14", NAMES[:3], [{"clusters": "canary-eu"}, {"clusters": "region=eu"}])
        await ship(lab, "many14", "1", "canary")
        result = await asyncio.wait_for(ship(lab, "many14", "2", "canary"), 120)

    assert result.status == "passed", result.reason


async def test_drift_is_looked_for_in_each_cluster(fleet):
    lab, clusters, _ = fleet
    registered(lab, "many10", NAMES[:2])
    await ship(lab, "many10", "1")
    clusters.clusters["eu-1"].drifted = {"1": ["changed: /app"]}
    look = DriftActivities({"local": clusters}, lab.records.definitions).look
    environment = ActivityEnvironment(client=lab.engine.client)
    found = await environment.run(look, "many10")

    assert [(one.key, one.lines) for one in found] == [("many10@eu-1/web/r1", ("changed: /app",))]


async def test_what_is_live_in_all_clusters_is_said_once_in_a_repository(fleet, tmp_path):
    lab, _, _ = fleet
    there = bare(tmp_path / "git")
    registered(lab, "told", NAMES[:2], [{"clusters": "canary-eu"}, {"clusters": "region=eu"}])
    known = lab.records.definitions.get("Environment", "told") or {}
    said = {"repository": f"file://{there}", "branch": "main", "path": "{service}.yaml"}
    lab.environment("told", json.dumps({**known, "git": said}))
    assert (await ship(lab, "told", "1")).status == "passed"
    assert b'release: "release/web/told/1"' in git.git("show", "main:web.yaml", cwd=there)
    assert git.git("rev-list", "--count", "main", cwd=there) == b"2\n"
