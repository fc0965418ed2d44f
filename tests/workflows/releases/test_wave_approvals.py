"""Approvals between the steps of a release over many clusters: once for all, or in each."""

import pytest

from tests.support.clustered import FAST, NAMES, begun, ended, registered, ship
from tests.support.lab import until
from workers.client import approvals, releases


async def answered(lab, release, yes=True):
    """Signs the approval `promotion` of a release, once it is asked for."""

    async def signed():
        return await approvals.sign(lab.engine, release, "promotion", "one", yes, "", lab.settings.keys)

    await approvals.decide(lab.engine, release, "promotion", await until(signed))


def asked(each: str) -> str:
    return f"{FAST}, approvals: [{{before: promotion, users: [one]{each}}}]"


async def test_an_approval_between_steps_is_asked_for_once_for_all_clusters(fleet):
    lab, clusters, _ = fleet
    lab.identity("one")
    registered(lab, "many11", NAMES[:3], [{"clusters": "canary-eu"}, {"clusters": ["region=eu"], "at-once": 2}])
    await ship(lab, "many11", "1", "canary")
    run = await begun(lab, "many11", "2", "canary", asked(""))
    whole = "release/web/many11/2"

    async def waits():
        return await releases.view(lab.engine, whole) if (await releases.view(lab.engine, whole)).approvals else None

    view = await until(waits)
    assert (view.approvals, view.waiting_for) == (("promotion",), "approval promotion")
    await answered(lab, whole)
    result = await lab.result(run)

    assert result.status == "passed", ended(lab, whole)["reason"]
    assert {one.routes["web"] for one in clusters.clusters.values()} == {"r2"}


@pytest.mark.system
async def test_a_no_to_a_step_takes_all_clusters_back(fleet):
    lab, clusters, _ = fleet
    lab.identity("one")
    registered(lab, "many15", NAMES[:2], [{"clusters": ["region=eu"], "at-once": 2}])
    await ship(lab, "many15", "1", "canary")
    run = await begun(lab, "many15", "2", "canary", asked(""))
    await answered(lab, "release/web/many15/2", yes=False)
    result = await lab.result(run)

    assert result.status == "rolled-back"
    assert "promotion: " in ended(lab, "release/web/many15/2")["reason"]
    assert {one.routes["web"] for one in clusters.clusters.values()} == {"r1"}


@pytest.mark.system
async def test_an_approval_for_each_cluster_is_asked_for_in_each(fleet):
    lab, clusters, _ = fleet
    lab.identity("one")
    registered(lab, "many16", NAMES[:2], [{"clusters": ["region=eu"], "at-once": 2}])
    await ship(lab, "many16", "1", "canary")
    run = await begun(lab, "many16", "2", "canary", asked(", each: cluster"))
    for cluster in NAMES[:2]:
        await answered(lab, f"release/web/many16@{cluster}/2")
    result = await lab.result(run)

    assert result.status == "passed", ended(lab, "release/web/many16/2")["reason"]
    assert {one.routes["web"] for one in clusters.clusters.values()} == {"r2"}
