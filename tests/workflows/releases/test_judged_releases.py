"""Canary releases on the memory platform: every step is decided by evidence, or by the definition where there is none."""

import json

import pytest

from activities.storage.stores.folder import FolderStore
from domain.core import ids
from tests.support.lab import until
from tests.workflows.releases.judged import first, reached, recorded, second, text, view
from workers.client import releases


async def test_what_all_clusters_have_proven_together_is_enough_where_one_alone_is_too_small(memory):
    lab, _, source = memory
    await first(lab, "pooled")
    source.per_tick = 4  # too little for evidence
    run = await lab.start(text("pooled", "2").replace("max-dwell: 1h", "max-dwell: 0.6, steps: []"))
    release = await second(lab)
    await reached(lab, release, 5)
    await lab.engine.client.get_workflow_handle(release).signal("proved", [100.0])

    assert (await lab.result(run)).status == "passed"
    assert recorded(lab)["proven"]
    assert any("all clusters together have proven 100 %" in event["why"] for event in recorded(lab)["story"])


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


@pytest.mark.system
async def test_without_evidence_the_definition_decides_and_it_is_said(memory):
    lab, _, source = memory
    await first(lab, "j3")
    source.per_tick = 4
    definition = text("j3", "2").replace("max-dwell: 1h", "max-dwell: 0.6, on-inconclusive: promote")
    result = await lab.result(await lab.start(definition))

    assert result.status == "passed"
    assert recorded(lab)["proven"] is False
    assert "inconclusive" in " ".join(event["why"] for event in recorded(lab)["story"])


@pytest.mark.system
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


@pytest.mark.system
async def test_a_source_that_comes_back_costs_nothing_but_time(memory):
    lab, _, source = memory
    await first(lab, "j18")

    source.failing = {5, 6}
    run = await lab.start(text("j18", "2"))

    assert (await lab.result(run)).status == "passed"
    assert "could not be read" in " ".join(event["why"] for event in recorded(lab)["story"])


async def test_without_traffic_a_release_is_held_people_are_told_once_and_it_is_not_promoted(memory):
    lab, _, source = memory
    await first(lab, "j32")
    source.per_tick = 0
    run = await lab.start(text("j32", "2").replace("max-dwell: 1h", "max-dwell: 0.6"))
    release = await second(lab)

    async def held():
        seen = await view(lab, release)
        return [event.why for event in seen.story if event.what.startswith("hold at")]

    assert "inconclusive" in (await until(held))[0]
    source.per_tick = 4_000
    assert (await lab.result(run)).status == "passed", "it goes on when there is evidence"
    assert sum(event["what"].startswith("hold at") for event in recorded(lab)["story"]) <= 4


async def test_a_new_temporal_with_old_records_numbers_releases_from_what_they_know(memory):
    lab, _, _ = memory
    for _ in range(2):
        await first(lab, "numbered")
        await lab.engine.client.get_workflow_handle(ids.environment_id("numbered")).terminate("all is forgotten")

    assert [row["number"] for row in lab.records.releases.all()] == [1, 2]
