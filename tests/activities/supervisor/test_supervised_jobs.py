"""The supervisor of a job: one at most, found again, and an answer when there can be none."""

import asyncio

import pytest
from temporalio.testing import ActivityEnvironment

from activities.jobs.activities import JobActivities
from activities.jobs.caches import Caches
from activities.jobs.directories import JobDirectories
from activities.jobs.port import JobInput
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.supervisor import launch
from domain.jobs.result import Failure
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from workers.core.records import Records


@pytest.fixture
def jobs(tmp_path) -> JobActivities:
    records = Records.at(tmp_path / "records.db")
    store = FolderStore(tmp_path / "store")
    return JobActivities(
        JobDirectories(tmp_path / "jobs"),
        store,
        records.runs,
        Mirrors(tmp_path / "mirrors"),
        Caches(store, records.caches),
    )


def work(step: str) -> JobInput:
    return JobInput("run/web/1", Job("j", JobKind.RUN, "j", stage="run", steps=(Step(step),)))


async def test_many_who_start_the_supervisor_of_one_job_get_one(jobs, tmp_path):
    input, ran = work(f"echo once >> {tmp_path}/ran; sleep 0.2"), tmp_path / "ran"
    folder = JobDirectories(tmp_path / "jobs").folder(input.run, "j", 1)
    jobs._prepare(input, folder, lambda words: None)

    async def supervised() -> None:
        await jobs._supervise(input, folder)

    await asyncio.gather(*(ActivityEnvironment().run(supervised) for _ in range(8)))

    assert ran.read_text() == "once\n"


async def test_a_supervisor_that_cannot_start_is_a_failure_of_the_infrastructure(jobs, tmp_path, monkeypatch):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no space left for a supervisor')")
    monkeypatch.setattr(launch, "PROGRAM", broken)
    result = await ActivityEnvironment().run(jobs.run_job, work("true"))

    assert result.failure is Failure.INFRASTRUCTURE
    assert "SLW842" in result.reason
    assert "no space left" in result.reason
