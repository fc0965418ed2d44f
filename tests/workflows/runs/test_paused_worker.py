"""A worker that misses its heartbeat (a laptop's lid, a snapshot of its machine) goes on with its step when it wakes."""

import time
from datetime import timedelta

from activities.jobs import left_jobs
from activities.supervisor import launch
from domain.core import ids
from tests.support.lab import Lab, alive, until
from workers.client import runs
from workflows.core import activity_options

STEP = (
    "jobs:\n  a:\n    outputs: {effects: string}\n    run: |\n      echo effects=once >> $SLUICEWAY_OUTPUT\n"
    "      while ! test -e go; do sleep 0.02; done\n"
)


async def test_a_paused_worker_finds_its_step_again_and_the_run_is_not_cancelled(lab: Lab, monkeypatch):
    monkeypatch.setattr(activity_options, "HEARTBEAT", timedelta(seconds=1))
    run = await lab.start(STEP)
    pid = await lab.begun(run)
    time.sleep(1.6)  # the worker is in this loop: this is its pause, longer than a heartbeat
    folder = lab.folder_of(run, "a")
    await until(lambda: launch.read_json(folder / left_jobs.CLAIM)["number"] == 2)

    assert alive(pid)
    assert (folder / "outputs").read_text() == "effects=once\n"
    (folder / "workspace" / "go").touch()
    assert (await lab.result(run)).status == "passed"


async def test_a_terminated_run_ends_its_processes(lab: Lab):
    run = await lab.start(STEP)
    pid = await lab.begun(run)
    await lab.engine.client.get_workflow_handle(run).terminate("by an operator")

    await until(lambda: not alive(pid))


async def test_processes_of_a_run_that_was_terminated_while_no_worker_ran_are_stopped(
    temporal_address, tmp_path, monkeypatch
):
    monkeypatch.setattr(activity_options, "HEARTBEAT", timedelta(seconds=1))
    async with Lab.on(temporal_address, tmp_path) as lab:
        run = await lab.start(STEP)
        pid = await lab.begun(run)
        left = lab.wired.jobs.left
        assert await left.stop_abandoned(lab.engine.client) == [], "its activity has it"
    await lab.engine.client.get_workflow_handle(run).terminate("by an operator")

    assert alive(pid), "a worker's shutdown leaves it running"
    assert await left.stop_abandoned(lab.engine.client) == [ids.job_key(run, "a", 1)]
    assert not alive(pid)


async def test_a_cancel_still_stops_the_step_at_once(lab: Lab):
    run = await lab.start(STEP)
    pid = await lab.begun(run)
    await runs.cancel(lab.engine, run, "not wanted")

    assert (await lab.result(run)).status == "cancelled"
    assert not alive(pid)
