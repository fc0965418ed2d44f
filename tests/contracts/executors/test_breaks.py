"""Breaks between the agent of a job and the engine: nothing that a step wrote is lost, and nothing comes twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from activities.jobs import agent_tokens
from activities.jobs.agent_certificate import AgentCertificate
from activities.supervisor.service import free_port
from domain.jobs.agent import AgentPlace
from tests.contracts.executors.test_executors import ended, folder, lines
from tests.support import local_agent
from tests.support.lab import Lab, until
from workers.worker import wiring

pytestmark = pytest.mark.system
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
    monkeypatch.setattr(wiring, "executors", lambda *given: {"process": far})
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
