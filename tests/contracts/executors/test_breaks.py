"""Breaks between the agent of a job and the engine: nothing that a step wrote is lost, and nothing comes twice."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from activities.jobs import agent_moves, agent_tokens
from activities.jobs.agent_certificate import AgentCertificate
from activities.jobs.directories import JobDirectories
from activities.jobs.executors.kubernetes import take_up
from activities.jobs.executors.kubernetes.agents import Agents, spec_of
from activities.jobs.port import Layout
from activities.supervisor import shells
from activities.supervisor.program import command
from activities.supervisor.service import free_port
from activities.supervisor.spec import JobSpec
from domain.core.documents import Node
from domain.jobs import job_pod, pod_mark
from domain.jobs.agent import AgentPlace
from domain.jobs.job_pod import PodRef
from domain.pipelines.steps import Step
from tests.contracts.executors.test_executors import ended, folder, lines
from tests.support import local_agent
from tests.support.lab import Lab, until
from workers.worker import local_wiring

pytestmark = pytest.mark.system
KEY = "a" * 32
LINES = 20_000
SLOW = f"for n in $(seq {LINES}); do echo line $n; [ $((n % 1000)) != 0 ] || sleep 0.05; done"


@dataclass
class Endpoint:
    """One that is killed, and started again."""

    home: Path
    place: AgentPlace
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = ["-m", "workers.agents.main", "--home", str(self.home), "--host", self.place.address]
        command += ["--port", str(self.place.port)]
        self.process = await asyncio.create_subprocess_exec(sys.executable, *command)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()


@pytest.fixture
async def endpoint(tmp_path: Path) -> AsyncIterator[Endpoint]:
    AgentCertificate(tmp_path / "home" / "keys").make()
    made = Endpoint(tmp_path / "home", AgentPlace("127.0.0.1", free_port()))
    await made.start()
    yield made
    await made.kill()


@pytest.fixture
async def lab(
    endpoint: Endpoint, temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lab]:
    far = local_agent.LocalAgentExecutor(endpoint.home, endpoint.place, local_agent.program())
    monkeypatch.setattr(local_wiring, "executors_of", lambda *given: {"process": far})
    async with Lab.on(temporal_address, tmp_path) as made:
        yield made


def _has_reached(home: Path, words: str) -> bool:
    return any(f'"{words}"' in one.read_text() for one in home.glob("jobs/*/log.jsonl"))


def so_far(lab: Lab, run: str) -> str:
    return (folder(lab, run) / "log.jsonl").read_text()


async def test_an_endpoint_that_is_killed_in_the_middle_of_output_loses_no_line_and_doubles_none(
    lab: Lab, endpoint: Endpoint
):
    running = asyncio.create_task(ended(lab, f"    run: ['{SLOW}', 'echo next']\n"))
    for reached in ("line 2000", "line 9000"):
        await until(partial(_has_reached, lab.settings.home, reached))
        await endpoint.kill()
        await endpoint.start()
    result = await running
    said = [text for _, stream, text in lines(lab, result) if stream == "out"]

    assert result.status == "passed", result.reason
    assert said == [*(f"line {number}" for number in range(1, LINES + 1)), "next"]


async def test_an_agent_that_is_killed_is_lost_infrastructure_and_the_job_is_tried_again(
    lab: Lab,
):
    steps = "    retry: {attempts: 2, backoff: 100ms}\n    run: echo begun; test $SLUICEWAY_ATTEMPT = 2 || sleep 600\n"
    run = await lab.start("jobs:\n  a:\n" + steps)
    await until(lambda: "begun" in so_far(lab, run))
    os.kill(int((folder(lab, run) / "agent.pid").read_text()), signal.SIGKILL)

    assert (await lab.result(run)).status == "passed"
    assert [job["status"] for job in lab.records.runs.jobs(run)] == ["failed", "passed"]


async def test_a_step_finds_neither_the_token_nor_the_memory_of_its_agent_and_the_token_ends_with_the_job(lab: Lab):
    look = """
      - test ! -e ../../far-agent/settings.json
      - test -z "$(ls -A ../../far-agent | grep -v -e '^agent$' -e '^move.sock$')"
      - if cat /proc/$PPID/environ /proc/$PPID/mem; then exit 9; fi 2>/dev/null
"""
    result = await ended(lab, f"    run:{look}")
    assert result.status == "passed", (result.reason, lines(lab, result))
    assert list(lab.settings.home.glob(f"jobs/*/{agent_tokens.FILE}")) == []


class PodOfAnotherMachine:
    """What a cluster knows of a job's pod, whose agent is a process of this machine."""

    def __init__(self, settings: str) -> None:
        ready = [{"name": "steps", "ready": True, "state": {"running": {}}}]
        status = {"phase": "Running", "initContainerStatuses": [{"name": "agent"}], "containerStatuses": ready}
        data = {"settings.json": base64.b64encode(settings.encode()).decode()}
        pod: Any = {"metadata": {"uid": "u1", "annotations": {}}, "status": status}
        pod["metadata"]["annotations"][pod_mark.ANNOTATION] = pod_mark.mark(b"of the installation", KEY, pod)
        self.seen: dict[str, Any] = {"Pod": pod, "Secret": {"data": data}}
        self.patched: list[str] = []

    def get(self, version: str, kind: str, name: str, namespace: str) -> Any:
        return self.seen[kind]

    def patch(self, version: str, kind: str, name: str, patch: Any, namespace: str) -> None:
        self.patched.append(kind)


def told(folder: Path, far: Path) -> JobSpec:
    """Two steps, as a supervisor gets them. The first waits for a file."""
    env = Layout(str(far), "/usr/bin:/bin").env()
    steps = [Step("echo begun; while ! test -e go; do sleep 0.05; done; echo gone"), Step("echo next")]
    made: Any = {
        "notes": [],
        "key": KEY,
        "mark": KEY,
        "cwd": str(folder / "workspace"),
        "env": env,
        "jail": None,
        "proxy": None,
        "agent": spec_of(folder),
        "after": [],
        "timeout_s": 60,
        "grace_s": 1,
        "memory_bytes": 0,
        "output_bytes": 1_000_000,
        "steps": [
            {"name": one.run, "run": one.run, "shell": "sh", "command": shells.command("sh", one.run, ""), "env": {}}
            | {"script": "", "timeout_s": 0}
            for one in steps
        ],
    }
    return made


async def test_a_worker_of_another_machine_takes_up_a_job_with_all_that_was_written_and_no_step_runs_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    far, at = tmp_path / "far", tmp_path / "at"
    far.mkdir()
    at.mkdir()
    machines = [tmp_path / name / "jobs" / KEY for name in ("one", "two")]
    for folder_ in machines:
        JobDirectories.made(folder_)
        (folder_ / "permit").write_text("the digest of a permit")
    async with local_agent.endpoint(tmp_path / "one") as first, local_agent.endpoint(tmp_path / "two") as second:
        settings = Agents(tmp_path / "one" / "keys", first).given(KEY, machines[0], str(far), [])
        (at / "settings.json").write_text(settings)
        agent = await asyncio.create_subprocess_exec(local_agent.program(), "run", at, env={})
        (machines[0] / "spec.json").write_text(json.dumps(told(machines[0], far)))
        lost = await supervised(machines[0])
        await until(lambda: "begun" in (machines[0] / "log.jsonl").read_text())
        lost.kill()  # with its machine

        pod = PodOfAnotherMachine(settings)
        place = PodRef("edge", "team", "job-1", KEY, "h", "two")
        held: Any = SimpleNamespace(kube=pod, place=place, name="job-1", namespace="team")
        monkeypatch.setattr(take_up, "moved", partial(_moved, at))
        monkeypatch.setattr(job_pod, "ROOT", str(far))
        agents = Agents(tmp_path / "two" / "keys", second, lambda: [b"of the installation"])
        assert take_up.taken_up(held, agents, machines[1], [], {"spec": {}})
        (machines[1] / "spec.json").write_text(json.dumps(told(machines[1], far)))
        found = await supervised(machines[1])
        (far / "workspace" / "go").touch()
        await found.wait()
        agent.terminate()
        await agent.wait()
    said = [json.loads(line) for line in (machines[1] / "log.jsonl").read_text().splitlines()]

    assert [line["l"] for line in said if line["o"] == "out"] == ["begun", "gone", "next"]
    assert json.loads((machines[1] / "status.json").read_text())["cause"] == ""
    assert pod.patched == ["NetworkPolicy", "Secret", "Pod"]


async def supervised(folder: Path) -> asyncio.subprocess.Process:
    (folder / "log.jsonl").touch()
    return await asyncio.create_subprocess_exec(*command("job", str(folder)), stdin=asyncio.subprocess.DEVNULL)


def _moved(at: Path, held: Any, token: str, settings: str) -> bool:
    said = json.dumps({"sealed": agent_moves.sealed(token, settings)}).encode()
    wrong = json.dumps({"sealed": agent_moves.sealed("of another job", settings)}).encode()
    new = Node(json.loads(settings))["token"].text()
    assert not [secret for secret in (token, new) if secret.encode() in said]  # a step may be what passes it on
    tell = [str(local_agent.program()), "move", str(at)]
    assert subprocess.run(tell, input=wrong, check=False, capture_output=True).returncode == 1
    return subprocess.run(tell, input=said, check=False).returncode == 0
