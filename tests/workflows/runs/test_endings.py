"""How runs, releases and approvals end in Temporal, and that whoever waits for them reads the outcome all the same."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from tests.support.fakes import on_memory
from tests.support.lab import Lab, prepared, until
from workers.client import approvals, releases, runs

FAILED, CANCELED = WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.CANCELED
SHIP = """jobs:
  ship:
    environment: {environment}
    deploy: {{service: web, version: "{version}", command: [x]}}
"""


@pytest.fixture(scope="module")
async def memory(
    temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Lab, MemoryTarget]]:
    """A lab whose releases go to a target in memory."""
    target, folder = MemoryTarget(), Path(tmp_path_factory.mktemp("endings"))
    plain = prepared(temporal_address, folder)
    async with Lab.on(temporal_address, folder, on_memory(plain, target, MemorySource())) as lab:
        lab.identity("one")
        yield lab, target


async def closed(lab: Lab, id_: str) -> tuple[WorkflowExecutionStatus | None, str]:
    """Its status in Temporal, and the type of its failure."""
    handle = lab.engine.client.get_workflow_handle(id_)
    try:
        await handle.result()
    except WorkflowFailureError as failed:
        kind = failed.cause.type if isinstance(failed.cause, ApplicationError) else None
        return (await handle.describe()).status, kind or ""
    return (await handle.describe()).status, ""


async def test_a_run_that_failed_is_failed_with_its_reason(memory: tuple[Lab, MemoryTarget]) -> None:
    lab, _ = memory
    result, view = await lab.run("jobs:\n  a:\n    run: exit 3\n")

    assert (result.status, result.stopped_by, bool(result.report)) == ("failed", "a", True)
    assert (view.status, view.reason) == ("failed", result.reason)
    with pytest.raises(WorkflowFailureError) as failed:
        await lab.engine.client.get_workflow_handle(view.id).result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message) == ("RunFailed", "a: step 1 (exit 3) exited with 3")
    assert cause.category is ApplicationErrorCategory.BENIGN


async def test_a_run_that_passed_is_completed(memory: tuple[Lab, MemoryTarget]) -> None:
    lab, _ = memory
    run = await lab.start("jobs:\n  a:\n    run: 'true'\n")

    assert await closed(lab, run) == (WorkflowExecutionStatus.COMPLETED, "")


async def test_a_run_that_is_cancelled_by_its_update_is_canceled(memory: tuple[Lab, MemoryTarget]) -> None:
    lab, _ = memory
    run = await lab.start("jobs:\n  a:\n    run: sleep 60\n")
    await until(lambda: lab.records.runs.jobs(run))
    await runs.cancel(lab.engine, run, "not needed")

    result = await lab.result(run)
    assert (result.status, result.reason, bool(result.report)) == ("cancelled", "not needed", True)
    assert await closed(lab, run) == (CANCELED, "")


async def test_a_refused_approval_and_its_run_are_failed(memory: tuple[Lab, MemoryTarget]) -> None:
    lab, _ = memory
    run = await lab.start("jobs:\n  ok:\n    approval: {users: [one]}\n")
    job = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, job, "one", False, "", lab.settings.keys)
    await approvals.decide(lab.engine, run, job, decision)

    result = await lab.result(run)
    assert result.status == "refused"
    assert await closed(lab, run) == (FAILED, "RunRefused")
    assert await closed(lab, f"approval/{run.removeprefix('run/')}/ok") == (FAILED, "ApprovalRefused")


async def test_an_approval_that_expired_is_failed(memory: tuple[Lab, MemoryTarget]) -> None:
    lab, _ = memory
    run = await lab.start("jobs:\n  ok:\n    approval: {users: [one], expires: 300ms}\n")

    assert (await lab.result(run)).status == "expired"
    assert await closed(lab, run) == (FAILED, "RunExpired")
    assert await closed(lab, f"approval/{run.removeprefix('run/')}/ok") == (FAILED, "ApprovalExpired")


async def test_a_release_that_went_back_and_its_run_are_failed(memory: tuple[Lab, MemoryTarget]) -> None:
    lab, target = memory
    await lab.result(await lab.start(SHIP.format(version="1", environment="went-back")))
    target.never_ready = {"bad"}
    run = await lab.start(SHIP.format(version="bad", environment="went-back"))

    assert (await lab.result(run)).status == "rolled-back"
    assert await closed(lab, run) == (FAILED, "RunRolledBack")
    release = "release/web/went-back/2"
    assert await closed(lab, release) == (FAILED, "ReleaseRolledBack")
    assert (await releases.outcome(lab.engine, release)).verdict == "rolled-back"


@pytest.mark.system
async def test_a_cancelled_run_cancels_its_release_and_still_knows_that_it_went_back(
    memory: tuple[Lab, MemoryTarget],
) -> None:
    lab, target = memory
    await lab.result(await lab.start(SHIP.format(version="1", environment="stopped")))
    target.stuck = {"2"}
    target.actions.clear()
    run = await lab.start(SHIP.format(version="2", environment="stopped"))
    await until(lambda: "start r2" in target.actions)
    await runs.cancel(lab.engine, run, "stop it")

    assert (await lab.result(run)).status == "cancelled"
    release = "release/web/stopped/2"
    assert await closed(lab, run) == (CANCELED, "")
    assert await closed(lab, release) == (CANCELED, "")
    ended = await releases.outcome(lab.engine, release)
    assert (ended.verdict, ended.live) == ("aborted", "1")
    (job,) = (await runs.view(lab.engine, run)).jobs
    assert (job.status, job.reason) == ("rolled-back", ended.reason)


async def test_a_bad_end_is_no_alarm_of_the_worker(
    memory: tuple[Lab, MemoryTarget], caplog: pytest.LogCaptureFixture
) -> None:
    lab, _ = memory
    with caplog.at_level(logging.INFO):
        run = await lab.start("jobs:\n  a:\n    run: exit 3\n")
        await lab.result(run)
        await lab.result(await lab.start("jobs:\n  a:\n    run: 'true'\n"))

    assert [record.message for record in caplog.records if record.exc_info or record.levelno >= logging.WARNING] == []
