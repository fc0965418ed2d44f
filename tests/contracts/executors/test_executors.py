"""What a job may expect of the place it runs in, whichever that is."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.core import serialization as serial
from activities.jobs.activities import JobActivities
from activities.jobs.executors.kubernetes.executor import hash_of
from activities.jobs.executors.kubernetes.pod_ref import Held
from activities.jobs.isolation.machine import probed
from activities.jobs.logs import parse
from activities.jobs.port import JobInput
from activities.supervisor import launch
from domain.core import ids as keys
from domain.jobs.isolation import Level
from domain.jobs.result import JobResult
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from domain.policy.policy import PolicyFor
from tests.support import local_agent
from tests.support.containers import left
from tests.support.lab import Lab, until
from tests.support.made_clusters import IMAGE, NAME
from workers.client import runs
from workers.worker import local_wiring
from workers.worker.wiring import wire

SECRET = "s3cr3t-of-the-test-77ab"


POD = [pytest.mark.heavy, pytest.mark.timeout(180)]


@pytest.fixture(
    params=[
        "process",
        "sandbox",
        pytest.param("agent", marks=pytest.mark.system),
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("kubernetes", marks=POD),
        pytest.param("agent in a pod", marks=POD),
    ]
)
def executor(request) -> str:
    """Where steps run; `process` and `sandbox` are the weakest and the strongest isolation of processes."""
    return str(request.param)


@pytest.fixture
async def lab(
    executor: str, temporal_address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Lab]:
    if executor == "agent":
        home, program = tmp_path / "home", local_agent.program()
        async with local_agent.endpoint(home) as place:
            far = local_agent.LocalAgentExecutor(home, place, program)
            request.getfixturevalue("monkeypatch").setattr(
                local_wiring, "executors_of", lambda *given: {"process": far}
            )
            async with Lab.on(temporal_address, tmp_path) as made:
                yield made
        return
    if executor == "agent in a pod":
        node = request.getfixturevalue("real_node")
        async with (
            local_agent.endpoint(tmp_path / "home", node.machine) as place,
            Lab.on(temporal_address, tmp_path, agents=place) as made,
        ):
            yield made
        return
    most = Level.SANDBOX if executor == "sandbox" else Level.PROCESS
    if why := probed(tmp_path / "home" / "jobs").machine.refused.get(most):
        pytest.skip(f"level {most} does not work here: {why}")
    async with Lab.on(temporal_address, tmp_path, isolation_most=most) as made:
        yield made


@pytest.fixture
def place(request, executor: str, lab: Lab):
    """What a job says to run there. Nothing of the installation is left of any test."""
    if executor in ("process", "sandbox", "agent"):
        yield ""
        return
    if executor in ("kubernetes", "agent in a pod"):
        real = request.getfixturevalue("real_node")
        real.known_to(lab)
        yield f"    container: {{image: {IMAGE}, cluster: {NAME}, pull: never}}\n"
        assert real.left(home_hash(lab)) == []
        return
    client, image = request.getfixturevalue("daemon"), request.getfixturevalue("shell_image")
    yield f"    container: {image}\n"
    assert left(client, lab.settings.home) == []


def home_hash(lab: Lab) -> str:
    return hash_of(lab.settings.home)


def container_of(place: str) -> dict[str, Any]:
    """What the planner makes of it."""
    if not place:
        return {}
    if "cluster" in place:
        spec = ContainerSpec(IMAGE, pull="never", cluster=NAME)
        return {"executor": "kubernetes", "container": spec}
    return {"executor": "docker", "container": ContainerSpec(place.partition("container: ")[2].strip())}


def touch_in_place(lab: Lab, run: str, name: str) -> None:
    """A file in the workspace that the steps see."""
    pod = folder(lab, run) / "pod.json"
    if pod.exists():
        with Held.read(pod) as held:
            held.said(["/bin/sh", "-c", f": > /sluiceway/workspace/{name}"])
    else:
        here = folder(lab, run)
        (here / local_agent.FAR if (here / local_agent.FAR).exists() else here).joinpath("workspace", name).touch()


async def ended(lab: Lab, text: str, head: str = "", files: dict[str, str] | None = None) -> JobResult:
    run = await lab.start("jobs:\n  a:\n" + text, files, head=head)
    await lab.result(run)
    return serial.load(JobResult, lab.records.runs.jobs(run)[-1]["result"])


def lines(lab: Lab, result: JobResult) -> list[tuple[int, str, str]]:
    return [(line.step, line.stream, line.text) for line in parse(lab.wired.store.get(result.log))]


def folder(lab: Lab, run: str, attempt: int = 1) -> Path:
    return lab.settings.home / "jobs" / keys.job_key(run, "a", attempt)


async def test_steps_share_a_checkout_a_home_and_the_files_of_the_steps_before(lab: Lab, place):
    text = """    env: {GREETING: "hello world"}
    outputs: {said: string, where: string}
    artifacts: {out: {made: "made/**"}}
    run:
      - mkdir made; cat data.txt > made/copy; echo kept > ~/note; echo x > "$TMPDIR/t"
      - cat ~/note; cat "$TMPDIR/t"; echo "said=$GREETING" >> "$SLUICEWAY_OUTPUT"
      - test "$PWD" = "$SLUICEWAY_WORKSPACE"; test -n "$CI$PATH"; echo "where=$SLUICEWAY_JOB" >> "$SLUICEWAY_OUTPUT"
"""
    result = await ended(lab, place + text, files={"data.txt": "data"})

    assert result.status == "passed", result.reason
    assert result.outputs == {"said": "hello world", "where": "a"}
    assert "made" in result.artifacts
    assert [text for _, stream, text in lines(lab, result) if stream == "out"] == ["kept", "x"]


async def test_both_outputs_and_the_exit_code_are_the_steps_own(lab: Lab, place):
    result = await ended(lab, place + "    run: ['echo one; echo two >&2', 'exit 7', 'echo never']\n")

    assert (result.exit_code, result.failure) == (7, "exit")
    assert "step 2" in result.reason
    assert {(1, "out", "one"), (1, "err", "two")} <= set(lines(lab, result))
    assert "never" not in str(lines(lab, result)[-1])


async def test_a_process_that_a_step_leaves_behind_does_not_hold_the_step_and_ends_with_the_job(lab: Lab, place):
    result = await ended(lab, place + "    timeouts: {run: 20s}\n    run: ['sleep 600 & echo begun', 'echo next']\n")

    assert result.status == "passed", result.reason
    assert [text for _, stream, text in lines(lab, result) if stream == "out"] == ["begun", "next"]


async def test_a_step_whose_time_is_over_has_its_grace_and_its_last_words_are_kept(lab: Lab, place):
    step = "    run: trap 'sleep 0.2; echo cleaned-up; exit 0' TERM; while true; do sleep 0.1; done\n"
    time = "8s" if place else "1s"  # the program that runs a step elsewhere takes its time on a busy machine
    result = await ended(lab, place + f"    timeouts: {{run: {time}, grace: 60s}}\n" + step)

    assert "exceeded its time limit" in result.reason
    assert "cleaned-up" in [text for _, _, text in lines(lab, result)]


async def test_a_script_over_128_kib_runs(lab: Lab, place):
    script = "".join(f"      # {'x' * 1000}\n" for _ in range(140))
    result = await ended(lab, place + f'    run: |\n{script}      echo "it\'s $#"\n      false\n      echo never\n')

    assert result.exit_code == 1
    assert [text for _, stream, text in lines(lab, result) if stream == "out"] == ["it's 0"]


LIMITS = {
    "job": ("    timeouts: {run: 1s}\n    run: sleep 60\n", "exceeded its time limit"),
    "step": ("    run: [{run: sleep 60, timeout: 1s}]\n", "exceeded its time limit"),
    "output": (
        "    output-mb: 1\n    run: yes 0123456789012345678901234567890123456789 | head -c 3000000\n",
        "exceeded its output limit",
    ),
    "memory": (
        "    memory-mb: 60\n    run: x=$(head -c 120000000 /dev/zero | tr '\\0' x); sleep 60\n",
        "exceeded its memory limit",
    ),
}
"""Jobs of one run, side by side: most of their time is waiting."""


async def test_limits_end_a_job_and_say_which_one(lab: Lab, place, executor: str):
    limits = {name: one for name, one in LIMITS.items() if name != "memory" or executor != "agent"}  # the pod has it
    run = await lab.start("jobs:\n" + "".join(f"  {name}:\n{place}{text}" for name, (text, _) in limits.items()))
    await lab.result(run)
    results = {row["job"]: serial.load(JobResult, row["result"]) for row in lab.records.runs.jobs(run)}

    for name, (_, reason) in limits.items():
        assert reason in results[name].reason, name


async def test_a_secret_is_in_the_step_and_nowhere_else(lab: Lab, place):
    lab.secret("lab-secret", SECRET)
    text = '    secrets: [TOKEN]\n    run: echo "it is $TOKEN"\n'
    result = await ended(lab, place + text, head="secrets: {TOKEN: lab-secret}\n")
    kept = lab.settings.secrets
    files = [path for path in lab.settings.home.rglob("*") if path.is_file() and kept not in path.parents]
    everything = b"".join(path.read_bytes() for path in files)

    assert (1, "out", "it is ***") in lines(lab, result)
    assert SECRET.encode() not in everything


async def test_a_cancel_ends_it_at_once_and_leaves_nothing(lab: Lab, place):
    run = await lab.start("jobs:\n  a:\n" + place + "    run: (sleep 600 &) ; echo begun; sleep 600\n")
    await until(lambda: "begun" in (folder(lab, run) / "log.jsonl").read_text())
    await runs.cancel(lab.engine, run, "not wanted")

    assert (await lab.result(run)).status == "cancelled"


def free(lab: Lab) -> JobActivities:
    """A further worker's jobs, which need no run."""
    jobs = wire(lab.settings).jobs
    jobs._permits, jobs._policies = Everything(), PolicyFor
    return jobs


async def test_a_worker_that_comes_back_finds_the_job_as_it_was(lab: Lab, place):
    steps = (Step("echo begun; while ! test -e go; do sleep 0.1; done"),)
    container = container_of(place)
    input = JobInput("run/back/1", Job("a", JobKind.RUN, "a", steps=steps, **container))
    first, second = ActivityEnvironment(), ActivityEnvironment()
    running = asyncio.create_task(first.run(free(lab).run_job, input))
    await until(lambda: "begun" in (folder(lab, "run/back/1") / "log.jsonl").read_text())
    first.cancel(ActivityCancellationDetails(worker_shutdown=True))
    with contextlib.suppress(asyncio.CancelledError):
        await running
    touch_in_place(lab, "run/back/1", "go")
    result = await second.run(free(lab).run_job, input)

    assert result.status == "passed", result.reason
    assert [text for _, stream, text in lines(lab, result) if stream == "out"] == ["begun"]


async def test_a_supervisor_that_is_killed_is_a_lost_place_and_the_job_is_tried_again(lab: Lab, place):
    text = "    retry: {attempts: 2, backoff: 100ms}\n    run: echo begun; test $SLUICEWAY_ATTEMPT = 2 || sleep 600\n"
    run = await lab.start("jobs:\n  a:\n" + place + text)
    await until(lambda: "begun" in (folder(lab, run) / "log.jsonl").read_text())
    os.kill(launch.running(folder(lab, run)), signal.SIGKILL)

    assert (await lab.result(run)).status == "passed"
    assert [job["status"] for job in lab.records.runs.jobs(run)] == ["failed", "passed"]
