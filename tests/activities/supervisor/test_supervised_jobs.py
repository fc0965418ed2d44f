"""The supervisor of a job: one at most, found again, and an answer when there can be none."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.jobs.activities import JobActivities
from activities.jobs.caches import Caches
from activities.jobs.directories import JobDirectories
from activities.jobs.port import JobInput
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.supervisor import launch, program
from activities.supervisor.fork_client import ForkServer
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
        permits=Everything(),
    )


def work(step: str, shell: str = "sh", **more: Any) -> JobInput:  # the fields of a job
    return JobInput("run/web/1", Job("j", JobKind.RUN, "j", stage="run", steps=(Step(step, shell=shell),), **more))


def log_of(folder: Path) -> list[str]:
    return [json.loads(line)["l"] for line in (folder / "log.jsonl").read_text().splitlines()]


STUBBORN = (
    "trap 'echo got-term; sleep 0.2; echo cleaned-up; exit 0' TERM; echo started; while true; do sleep 0.05; done"
)
DEAF = "trap '' TERM; echo started; while true; do sleep 0.05; done"


async def test_many_who_start_the_supervisor_of_one_job_get_one(jobs, tmp_path):
    input = work("echo once; sleep 0.2")
    folder = JobDirectories(tmp_path / "jobs").folder(input.run, "j", 1)
    jobs._prepare(input, folder, lambda words: None)

    async def supervised() -> None:
        await jobs._supervise(input, folder)

    await asyncio.gather(*(ActivityEnvironment().run(supervised) for _ in range(8)))

    assert log_of(folder)[2:] == ["once"]


async def test_a_supervisor_that_cannot_start_is_a_failure_of_the_infrastructure(jobs, tmp_path, monkeypatch):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no space left for a supervisor')")
    monkeypatch.setattr(program, "PROGRAM", broken)
    monkeypatch.setattr(launch, "FORKS", ForkServer())
    result = await ActivityEnvironment().run(jobs.run_job, work("true"))

    assert result.failure is Failure.INFRASTRUCTURE
    assert "SLW842" in result.reason
    assert "no space left" in result.reason


async def test_a_step_whose_time_is_over_has_its_grace_to_end_and_its_last_words_are_kept(jobs, tmp_path):
    input = work(STUBBORN, run_timeout_s=0.3, grace_s=5)
    result = await ActivityEnvironment().run(jobs.run_job, input)

    assert result.failure is Failure.TIMEOUT
    assert {"got-term", "cleaned-up"} <= set(log_of(JobDirectories(tmp_path / "jobs").folder(input.run, "j", 1)))


async def test_a_step_that_does_not_end_in_its_grace_is_killed(jobs, tmp_path):
    input, began = work(DEAF, run_timeout_s=0.2, grace_s=0.3), time.monotonic()
    result = await ActivityEnvironment().run(jobs.run_job, input)

    assert result.failure is Failure.TIMEOUT
    assert time.monotonic() - began < 3
    assert (
        log_of(JobDirectories(tmp_path / "jobs").folder(input.run, "j", 1))[-1]
        == "some did not end in time, and are killed"
    )


LONG = "#" + "x" * 200_000 + "\n"


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("sh", "false | true; echo $#; false; echo never"),
        ("bash", "echo $#; false | true; echo never"),
        ("python", "import sys; print(len(sys.argv) - 1); import here; sys.exit(1)"),
    ],
)
async def test_a_script_over_128_kib_runs_as_a_short_one_does(jobs, tmp_path, shell, script):
    said = []
    for name, text in (("short", script), ("long", LONG + script)):
        input = JobInput(
            "run/web/1", Job(name, JobKind.RUN, "j", steps=(Step("echo 'print(5)' >here.py"), Step(text, shell=shell)))
        )
        result = await ActivityEnvironment().run(jobs.run_job, input)
        assert result.exit_code == 1
        said.append(log_of(JobDirectories(tmp_path / "jobs").folder(input.run, name, 1))[3:])

    assert said[0] == said[1]
    assert "0" in said[0]


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"BIG": "x" * 140_000}, "variable BIG has 140,004 bytes, and the kernel takes 131,071"),
        ({"A": "x\0y"}, "variable 'A' has a NUL character"),
        ({f"V{i}": "x" * 130_000 for i in range(60)}, "and the kernel takes"),
    ],
)
async def test_variables_that_no_process_can_get_fail_the_job_with_the_reason(jobs, env, words):
    result = await ActivityEnvironment().run(jobs.run_job, work("true", env=env))

    assert result.failure is Failure.CHECK
    assert "step 1 (true) cannot start: " in result.reason
    assert words in result.reason
