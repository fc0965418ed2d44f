"""Simulated jobs: for benchmarks of the engine, tests of workflows, and dry runs.

Controlled by the job's `env`: SIMULATE_EXIT (a code), SIMULATE_OUTPUTS (JSON).
"""

from __future__ import annotations

import json
import time

from temporalio import activity

from activities.jobs.port import JobInput
from domain.jobs.result import Failure, JobResult, Status


class SimulatedJobs:
    """Registered instead of JobActivities: same activity names, no processes."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        """Job to its start, in seconds since the epoch."""

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        """Passes at once with the outputs of `SIMULATE_OUTPUTS`, or fails with the code of `SIMULATE_EXIT`."""
        self.began[input.job.id] = time.time()
        code = int(input.job.env.get("SIMULATE_EXIT", "0"))
        if code:
            return JobResult(
                Status.FAILED, f"simulated exit {code}", Failure.EXIT, exit_code=code, attempt=input.attempt
            )
        outputs = json.loads(input.job.env.get("SIMULATE_OUTPUTS", "{}"))
        return JobResult(Status.PASSED, "simulated", outputs=outputs, attempt=input.attempt)
