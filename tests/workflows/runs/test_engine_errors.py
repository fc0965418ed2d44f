"""A run whose workflow only meets errors is told as that, and can be cancelled all the same."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.pipelines.job import Job
from tests.support.command_line import call
from tests.support.lab import Lab, alive, until
from workers.client import calls, cancelling, engine_errors, queues
from workflows.core import activity_options
from workflows.jobs import expression_context

JOBS = """
jobs:
  works: {run: sleep 600}
  asks: {approval: {}}
  first: {run: sleep 0.3}
  fails: {needs: first, run: 'true'}
"""
GROUP = "concurrency: {{group: {name}, limit: 1}}\n"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine with a bug: it cannot fill in a job of this name."""

    def filled(job: Job, context: Mapping[str, Json]) -> Job:
        if job.id == "fails":
            raise ZeroDivisionError("a bug of this engine")
        return expression_context.filled(job, context)

    monkeypatch.setattr("workflows.runs.job_task.filled", filled)
    monkeypatch.setattr(cancelling, "LASTS_S", 0.2)


async def met(lab: Lab, run: str) -> engine_errors.EngineError:
    return await until(lambda: engine_errors.of(lab.engine, run))


@pytest.mark.usefixtures("broken")
async def test_a_run_that_only_meets_errors_is_told_and_cancelled_with_its_processes_slots_and_approvals(
    lab: Lab, tmp_path
):
    name = tmp_path.name[:20]
    run = await lab.start(JOBS, head=GROUP.format(name=name))
    error = await met(lab, run)
    pid = await lab.begun(run, "works")
    done = await cancelling.cancel(lab.engine, run, "not wanted")

    assert "a bug of this engine" in str(error)
    assert (done.forced, done.errors[0].workflow) == (True, run)
    await until(lambda: not alive(pid))
    with pytest.raises(SluicewayError, match="SLW918"):
        await lab.result(run)
    assert all(run not in place.who for one in (await queues.states(lab.engine)).values() for place in one.holders)


@pytest.mark.system
@pytest.mark.usefixtures("broken")
async def test_people_are_told_of_the_error_and_of_how_the_run_was_cancelled(lab: Lab, temporal_address, tmp_path):
    env = {"SLUICEWAY_HOME": str(lab.settings.home), "SLUICEWAY_ADDRESS": temporal_address}

    async def typed(*words: str) -> str:
        code, out, err = await asyncio.to_thread(call, *words, env=env)
        assert code == 0, err
        return out

    run = await lab.start(JOBS)
    await met(lab, run)
    shown, listed = await typed("show", run), await typed("runs")
    cancelled, after = await typed("cancel", run, "--reason", "not wanted"), await typed("show", run)

    assert "the engine meets an error: a bug of this engine" in shown
    assert "the engine meets an error: a bug of this engine" in listed
    assert "it could not end itself" in cancelled
    assert "not wanted; it could not end itself" in after
    assert (lab.recorded(run)["status"], await typed("runs", "--json")).count("running") == 0
    assert {row["status"] for row in lab.records.runs.jobs(run)} <= {"cancelled", "passed"}


async def test_a_run_that_temporal_has_forgotten_is_closed_by_a_cancel(lab: Lab, temporal_address):
    env = {"SLUICEWAY_HOME": str(lab.settings.home), "SLUICEWAY_ADDRESS": temporal_address}
    run = await lab.start("jobs:\n  a: {approval: {}}\n")
    await lab.until_asked(run)
    await lab.engine.client.get_workflow_handle(run).terminate("all is forgotten")
    code, out, err = await asyncio.to_thread(call, "cancel", run, env=env)

    assert (code, "closed as cancelled" in out) == (0, True), err
    assert lab.recorded(run)["status"] == "cancelled"


async def test_a_healthy_run_is_cancelled_as_before(lab: Lab):
    run = await lab.start("jobs:\n  a: {run: 'sleep 600'}\n")
    await lab.begun(run)
    done = await cancelling.cancel(lab.engine, run, "not wanted")
    result = await lab.result(run)

    assert (done.forced, done.words, result.status, result.reason) == (False, "", "cancelled", "not wanted")


async def test_a_cancel_without_a_worker_is_kept_until_there_is_one(temporal_address, tmp_path, monkeypatch):
    monkeypatch.setattr(cancelling, "NO_WORKER_S", 0.5)
    monkeypatch.setattr(activity_options, "HEARTBEAT", timedelta(seconds=1))
    async with Lab.on(temporal_address, tmp_path) as lab:
        run = await lab.start("jobs:\n  a: {approval: {}}\n")
        await lab.until_asked(run)
    done = await cancelling.cancel(lab.engine, run, "not wanted")
    async with lab.worker():
        result = await lab.result(run)

    assert "no worker answers" in done.words
    assert (result.status, result.reason) == ("cancelled", "not wanted")


@pytest.mark.usefixtures("broken")
async def test_a_call_that_gets_no_answer_says_that_the_engine_meets_an_error(lab: Lab, monkeypatch):
    monkeypatch.setattr(calls, "PATIENCE_S", 0.1)
    run = await lab.start("jobs:\n  fails: {run: 'true'}\n")
    await met(lab, run)

    with pytest.raises(SluicewayError, match=r"a bug of this engine"):
        await calls.explained(lab.engine, run, asyncio.sleep(600))
