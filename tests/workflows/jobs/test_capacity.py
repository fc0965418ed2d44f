"""What happens when there is more work than a worker can do at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity

from activities.jobs.capacity import WorkerCapacity
from activities.jobs.port import JobInput
from domain.jobs.capacity import ResourceRequest
from domain.jobs.result import JobResult, Status
from tests.support.lab import Lab, prepared, until
from tests.support.profile import first_of

SLOTS = 4


class Counted:
    """Jobs that note when they begin, and do nothing; the first ones wait until the test lets them go."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.gate = asyncio.Event()

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        self.began.append(f"{input.run} {input.job.id}")
        await self.gate.wait()
        return JobResult(Status.PASSED)


@pytest.fixture
async def few(temporal_address, tmp_path):
    """A worker with four slots."""
    plain = prepared(temporal_address, tmp_path / "plain")
    others = [one for one in plain.wired.activities if one.__name__ != "run_job"]
    counted = Counted()
    async with Lab.on(temporal_address, tmp_path, [*others, counted.run_job], SLOTS) as lab:
        yield lab, counted


def wide(count: int) -> str:
    return f"jobs:\n  a:\n    matrix: {{axes: {{n: {list(range(count))}}}}}\n    run: x\n"


async def pending(lab: Lab, run: str) -> int:
    described = await lab.engine.client.get_workflow_handle(run).describe()
    return len(described.raw_description.pending_activities)


async def scheduled(lab: Lab, run: str, count: int) -> None:
    async def there():
        return await pending(lab, run) >= count

    await until(there, 60)


@pytest.mark.parametrize("head", first_of("tenant: crowd\n", ""))
async def test_a_job_behind_five_hundred_of_another_pipeline_is_among_the_next(few, head):
    lab, counted = few
    crowd = [await lab.start(wide(170), head=head) for _ in range(3)] if head else []
    if not head:  # one pipeline, several runs
        repo = lab.repo({"sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: crowd\n" + wide(170)})
        crowd = [(await lab.deliver(repo, "crowd")).run for _ in range(3)]
    for run in crowd:
        await scheduled(lab, run, 170)
    before = len(counted.began)
    alone = await lab.start("jobs:\n  one:\n    run: x\n")
    await scheduled(lab, alone, 1)
    counted.gate.set()
    await lab.result(alone)

    place = counted.began.index(f"{alone} one") - before
    assert (before, place < 2 * SLOTS) == (SLOTS, True)
    for run in crowd:
        await lab.engine.client.get_workflow_handle(run).terminate()


async def test_approvals_are_asked_although_every_slot_is_taken(few):
    lab, counted = few
    busy = await lab.start(wide(2 * SLOTS))
    await until(lambda: len(counted.began) == SLOTS)
    run = await lab.start("jobs:\n  ok:\n    approval: {users: [someone]}\n")
    assert await lab.until_asked(run) == "ok"
    counted.gate.set()
    await lab.result(busy)


class TestRoom:
    """Limits of one worker, with real processes."""

    @pytest.fixture
    async def small(self, temporal_address, tmp_path):
        """A worker with two cores and 1,000 MB for jobs."""
        (tmp_path / "gates").mkdir()
        async with Lab.on(temporal_address, tmp_path, job_paths=(str(tmp_path / "gates"),)) as lab:
            activities: list[Any] = lab.wired.activities
            for one in activities:
                if one.__name__ in ("run_job", "scan"):
                    owner = one.__self__
                    setattr(
                        owner,
                        "_room" if one.__name__ == "run_job" else "room",
                        WorkerCapacity(ResourceRequest(2, 1_000, 1)),
                    )
            yield lab

    async def test_jobs_wait_for_memory_and_then_run(self, small: Lab):
        gate, run = await two(small, "memory-mb: 600")
        handle = small.engine.client.get_workflow_handle(run)

        async def says():
            described = await handle.describe()
            return b"waits for 600 MB of memory; 400 of 1000 are free" in described.raw_description.SerializeToString()

        await until(says)
        gate.touch()
        assert (await small.result(run)).status == "passed"

    async def test_a_job_that_never_fits_says_so_at_once(self, small: Lab):
        result, _ = await small.run("jobs:\n  a:\n    cpu: 16\n    run: 'true'\n")
        assert "it requests 16 cores, but the worker has 2" in result.reason

    async def test_waiting_for_room_counts_as_queueing(self, small: Lab):
        gate, run = await two(small, "cpu: 2\n    timeouts: {queue: 1s}")
        await until(lambda: [row for row in small.records.runs.jobs(run) if "no capacity within 1 s" in row["result"]])
        gate.touch()
        assert (await small.result(run)).status == "failed"


async def two(lab: Lab, more: str) -> tuple[Path, str]:
    """A run of two jobs side by side that end when the gate is there."""
    gate = Path(lab.settings.job_paths[0]) / "gate"
    job = f"    {more}\n    run: while ! test -e {gate}; do sleep 0.02; done\n"
    return gate, await lab.start(f"jobs:\n  a:\n{job}  b:\n{job}")
