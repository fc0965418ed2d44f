"""The input of a job's supervisor: steps, variables, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from activities.jobs.port import Executor, Layout
from activities.jobs.result import step_name
from activities.supervisor import gateway, shells, tree
from activities.supervisor.spec import JobSpec, StepSpec
from domain.core import ids as keys
from domain.pipelines.steps import Step

if TYPE_CHECKING:
    from activities.jobs.port import JobInput

_PROXY_URL, _NOT_BY_PROXY = f"http://127.0.0.1:{gateway.PORT}", "localhost,127.0.0.1,::1"
PROXY = {
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _PROXY_URL),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), _NOT_BY_PROXY),
}
"""Variables by which programs find the proxy of a job."""


def supervised(
    input: JobInput, folder: Path, executor: Executor, notes: Sequence[str], derived: Mapping[str, str]
) -> JobSpec:
    """The content of `spec.json`; contains no secrets. `derived`: variables that the definition may set itself."""
    job, key = input.job, keys.job_key(input.run, input.job.id, input.attempt)
    proxy = executor.proxy(key)
    return {
        "notes": list(notes),
        "key": key,
        "mark": tree.mark(key, str(folder)),
        "cwd": str(folder / "workspace"),
        "env": {**(PROXY if proxy else {}), **minimum(executor.layout(folder), input), **derived, **job.env},
        "steps": [_step(step, executor.command(step, key, folder)) for step in job.steps],
        "jail": executor.jail(folder),
        "proxy": proxy,
        "agent": executor.agent(folder),
        "after": executor.after(key, folder),
        "timeout_s": job.run_timeout_s,
        "grace_s": job.grace_s,
        "memory_bytes": 0 if executor.limits_memory else job.memory_mb * 1_000_000,
        "output_bytes": job.output_mb * 1_000_000,
    }


def _step(step: Step, command: list[str]) -> StepSpec:
    return {
        "name": step_name(step),
        "run": step.run,
        "shell": step.shell,
        "command": command,
        "script": shells.file_name(step.run),
        "env": step.env,
        "timeout_s": step.timeout_s,
    }


def minimum(layout: Layout, input: JobInput) -> dict[str, str]:
    """All variables that a step gets besides the definition's; listed in docs/execution.md."""
    pipeline, number, attempt = keys.split_run(input.run)
    return {
        "LANG": "C.UTF-8",
        "CI": "true",
        "SLUICEWAY_PIPELINE": pipeline,
        "SLUICEWAY_RUN": str(number),
        "SLUICEWAY_RUN_ATTEMPT": str(attempt or 1),
        "SLUICEWAY_JOB": input.job.id,
        "SLUICEWAY_ATTEMPT": str(input.attempt),
        "SLUICEWAY_COMMIT": input.source.commit,
        **layout.env(),
        **input.env,
    }
