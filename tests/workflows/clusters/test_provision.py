"""A job makes a cluster: in the definition's own repository, for the run or for good, and nothing of it is left behind."""

import secrets
import threading

import pytest

from activities.clusters.providers.memory import MemoryProvider
from activities.core import serialization as serial
from activities.runs.port import Rerun
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Phase
from domain.jobs.result import JobResult
from domain.runs.rerun import RerunRequest
from tests.support.lab import Lab, until
from workers.client import runs
from workers.client.clusters import Clusters

TEMPLATE = """apiVersion: sluiceway/v1
kind: ClusterTemplate
name: edge
params: {nodes: {type: integer, default: 1}}
cluster: {provider: kwok, pools: [{name: web, count: "${{ params.nodes }}"}]}
"""
FILES = {"edge.yaml": TEMPLATE}


@pytest.fixture
def provider(lab: Lab):
    lab.wired.clusters.providers["kwok"] = MemoryProvider()
    return lab.wired.clusters.providers["kwok"]


def job(name="", ephemeral="true", more=""):
    called = f"name: {name}, " if name else ""
    return f"jobs:\n  made:\n    provision: {{file: edge.yaml, {called}with: {{nodes: 3}}, ephemeral: {ephemeral}}}\n{more}"


def result(lab, run, job="made"):
    (found,) = [one for one in lab.records.runs.jobs(run) if one["job"] == job]
    return serial.load(JobResult, found["result"])


async def test_a_cluster_of_a_run_is_used_by_its_jobs_and_gone_at_its_end(lab: Lab, provider):
    more = """  uses:
    needs: made
    env: {CLUSTER: "${{ needs.made.outputs.cluster }}", NODES: "${{ needs.made.outputs.nodes }}"}
    run: echo $CLUSTER has $NODES nodes
"""
    run = await lab.start(job(more=more), FILES)
    assert (await lab.result(run)).status == "passed"

    made = result(lab, run)
    assert made.outputs["cluster"].endswith("-1-made")
    assert made.outputs["nodes"] == 3
    assert made.outputs["kubeconfig"].startswith("file:")
    assert provider.clusters == {}
    assert f"undo {Phase.NETWORK}" in provider.calls


@pytest.mark.system
async def test_a_cluster_that_stays_is_brought_to_what_the_next_run_says(lab: Lab, provider):
    name = f"stays-{secrets.token_hex(3)}"
    first = await lab.start(job(name, "false"), FILES)
    assert (await lab.result(first)).status == "passed"
    again = await lab.start(job(name, "false").replace("nodes: 3", "nodes: 5"), FILES)
    assert (await lab.result(again)).status == "passed"

    assert result(lab, again).outputs["nodes"] == 5
    await Clusters(lab.engine).delete(name)
    await until(lambda: provider.clusters == {})


async def test_an_ephemeral_cluster_never_takes_one_that_is_there(lab: Lab, provider):
    name = f"taken-{secrets.token_hex(3)}"
    await lab.result(await lab.start(job(name, "false"), FILES))
    run = await lab.start(job(name), FILES)

    assert (await lab.result(run)).status == "failed"
    assert "must be new" in result(lab, run).reason
    assert (await Clusters(lab.engine).view(name)).status is Status.READY
    await Clusters(lab.engine).delete(name)
    await until(lambda: provider.clusters == {})


async def test_a_cluster_that_cannot_be_made_fails_its_job_with_the_reason(lab: Lab, provider):
    provider.failing[Phase.NODES] = ["no room for nodes"] * 10
    run = await lab.start(job(), FILES)

    assert (await lab.result(run)).status == "failed"
    assert "no room for nodes" in result(lab, run).reason
    assert provider.clusters == {}


async def test_a_run_that_is_cancelled_takes_its_half_made_cluster_with_it(lab: Lab, provider):
    provider.held[Phase.NODES] = threading.Event()
    run = await lab.start(job(), FILES)
    await until(lambda: f"apply {Phase.NODES}" in provider.calls)
    await runs.cancel(lab.engine, run, "not wanted")

    assert (await lab.result(run)).status == "cancelled"
    assert provider.clusters == {}


@pytest.mark.system
async def test_a_rerun_makes_the_cluster_again_that_went_with_the_attempt_before(lab: Lab, provider):
    more = '  fails:\n    needs: made\n    run: test "$SLUICEWAY_RUN_ATTEMPT" = 2\n'
    run = await lab.start(job(more=more), FILES)
    assert (await lab.result(run)).status == "failed"
    pipeline, _, number = run.removeprefix("run/").rpartition("/")
    again = await runs.rerun(lab.engine, Rerun(pipeline, int(number), RerunRequest(), "somebody"))

    assert (await lab.result(again.run)).status == "passed"
    assert provider.calls.count(f"apply {Phase.NODES}") == 2
    assert provider.clusters == {}
