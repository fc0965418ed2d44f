"""Agents in pods of a real node: what a job finds of the engine there, and who takes it up when its worker is gone."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.jobs.executors.kubernetes.pod_ref import Held
from activities.jobs.port import JobInput
from activities.supervisor import launch
from domain.core import ids as keys
from domain.core.documents import Node
from domain.jobs import job_pod
from domain.jobs.agent import AgentPlace
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from tests.contracts.executors.test_executors import folder, free, home_hash, lines
from tests.support import local_agent
from tests.support.lab import Lab, until
from tests.support.made_clusters import IMAGE, NAME, Made

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(180)]
IN_POD = f"    container: {{image: {IMAGE}, cluster: {NAME}, pull: never}}\n"


@pytest.fixture
async def place(real_node: Made, tmp_path: Path) -> AsyncIterator[AgentPlace]:
    async with local_agent.endpoint(tmp_path / "home", real_node.machine) as made:
        yield made


@pytest.fixture
async def lab(place: AgentPlace, real_node: Made, temporal_address: str, tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab.on(temporal_address, tmp_path, agents=place) as made:
        real_node.known_to(made)
        yield made
        assert real_node.left(home_hash(made)) == []


async def answer(place: AgentPlace, token: str) -> bytes:
    """What the endpoint says to a token, at once."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(place.address, place.port, ssl=anybody)
    head = "GET /agent HTTP/1.1\r\nUpgrade: sluiceway-agent/1\r\nAuthorization: Bearer"
    writer.write(f"{head} {token}\r\n\r\n".encode())
    said = await reader.readline()
    writer.close()
    return said.split()[1]


def token_in(lab: Lab, run: str) -> str:
    with Held.read(folder(lab, run) / "pod.json") as held:
        secret = held.kube.get("v1", "Secret", job_pod.agent_name(held.name), held.namespace)
    settings = base64.b64decode(Node(secret)["data"]["settings.json"].text())
    return str(json.loads(settings)["token"])


async def test_a_job_in_a_pod_finds_nothing_of_the_engine_and_its_token_ends_with_it(
    lab: Lab, place: AgentPlace, temporal_address: str
):
    port = temporal_address.rpartition(":")[2]
    text = f"""    run:
      - test ! -e /settings; test ! -e /sluiceway-agent/settings.json; test ! -e /var/run/secrets
      - ls /sluiceway-agent | grep -v -e '^agent$' -e '^move.sock$' && exit 1 || true
      - for file in environ mem maps; do if cat /proc/1/$file; then exit 1; fi; done 2>/dev/null
      - if env | grep -i -e token -e secret; then exit 1; fi
      - if echo | nc -w 2 {place.address} {port}; then exit 1; fi
      - test ! -e {lab.settings.home}
      - if /sluiceway-agent/agent run /sluiceway-agent 2>/dev/null; then exit 1; fi
      - echo '{{}}' | /sluiceway-agent/agent move /sluiceway-agent 2>/dev/null && exit 1 || true
      - kill -9 1 || true; echo still here; while ! test -e go; do sleep 0.1; done
"""
    run = await lab.start("jobs:\n  a:\n" + IN_POD + text)
    await until(lambda: '"still here"' in _log(folder(lab, run)))
    token = await asyncio.to_thread(token_in, lab, run)
    others = f"{'0' * 32}:{token.partition(':')[2]}"
    assert await answer(place, others) == b"401"
    with Held.read(folder(lab, run) / "pod.json") as held:
        await asyncio.to_thread(held.said, ["/bin/sh", "-c", ": > /sluiceway/workspace/go"])
    result = await lab.result(run)

    assert result.status == "passed", lab.records.runs.jobs(run)
    assert await answer(place, token) == b"401"


def _log(at: Path) -> str:
    path = at / "log.jsonl"
    return path.read_text() if path.exists() else ""


async def test_a_pod_that_is_killed_in_the_middle_of_output_is_lost_and_the_job_is_tried_again(
    lab: Lab, real_node: Made
):
    text = "    retry: {attempts: 2, backoff: 100ms}\n"
    text += "    run: seq 1000; test $SLUICEWAY_ATTEMPT = 2 || sleep 600\n"
    run = await lab.start("jobs:\n  a:\n" + IN_POD + text)
    await until(lambda: '"1000"' in _log(folder(lab, run)))
    with Held.read(folder(lab, run) / "pod.json") as held:
        real_node.kube.delete("v1", "Pod", held.name, held.namespace, grace_s=0)

    assert (await lab.result(run)).status == "passed"
    assert [job["status"] for job in lab.records.runs.jobs(run)] == ["failed", "passed"]


async def test_a_worker_that_has_nothing_of_a_job_but_its_pod_takes_it_up_as_it_runs(lab: Lab):
    waits = Step("echo begun; while ! test -e go; do sleep 0.1; done; echo run >> ../home/runs")
    steps = (waits, Step("wc -l < ../home/runs"))
    spec = ContainerSpec(IMAGE, pull="never", cluster=NAME)
    job: dict[str, Any] = {"executor": "kubernetes", "container": spec, "steps": steps}
    input = JobInput("run/moved/1", Job("a", JobKind.RUN, "a", **job))
    at = lab.settings.home / "jobs" / keys.job_key(input.run, "a", 1)
    first, second = ActivityEnvironment(), ActivityEnvironment()
    running = asyncio.create_task(first.run(free(lab).run_job, input))
    await until(lambda: '"begun"' in _log(at))
    first.cancel(ActivityCancellationDetails(worker_shutdown=True))  # with its machine: nothing of it is left here
    os.kill(launch.running(at), signal.SIGKILL)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    at.rename(at.with_suffix(".gone"))
    found = asyncio.create_task(second.run(free(lab).run_job, input))
    await until(lambda: '"begun"' in _log(at))
    with Held.read(at / "pod.json") as held:
        await asyncio.to_thread(held.said, ["/bin/sh", "-c", ": > /sluiceway/workspace/go"])
    result = await found

    assert result.status == "passed", result.reason
    assert [text for _, stream, text in lines(lab, result) if stream == "out"] == ["begun", "1"]
