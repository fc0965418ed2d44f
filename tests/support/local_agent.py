"""Jobs whose steps an agent runs, as in a pod, but the pod is a folder of this machine: the agent, the job endpoint
and the supervisor are the real ones.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from activities.jobs import agent_tokens
from activities.jobs.agent_certificate import AgentCertificate
from activities.jobs.executors.kubernetes.agents import Agents, spec_of
from activities.jobs.executors.kubernetes.files import settle
from activities.jobs.port import Layout, ProgressCallback
from activities.supervisor import shells
from activities.supervisor.service import free_port
from domain.jobs.agent import AgentPlace, AgentSpec
from domain.jobs.isolation import Level, Network
from domain.pipelines.job import Job
from domain.pipelines.steps import Step

SOURCE = Path(__file__).parents[2] / "deploy" / "agent"
FAR = "far"
"""The job's folder of the agent, in the job's folder of the engine; the agent itself lies in `FAR-agent`."""


def program() -> Path:
    """The agent, built once for its source; a skip that says why it cannot be."""
    parts = b"".join(one.read_bytes() for one in sorted(SOURCE.iterdir()) if one.suffix in (".go", ".mod"))
    made = Path(tempfile.gettempdir()) / f"sluiceway-agent-{os.getuid()}-{hashlib.sha256(parts).hexdigest()[:16]}"
    if made.exists():
        return made
    if not shutil.which("go"):
        why = "go is not installed, and the agent of jobs in pods is built with it"
        pytest.skip(why)
    new = made.with_suffix(f".{os.getpid()}")
    env = {**os.environ, "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-trimpath", "-o", str(new), "."], cwd=SOURCE, env=env, check=True)
    new.rename(made)
    return made


def _look(folder: Path) -> list[str]:
    """Whether the agent lives: `AgentSpec.look`."""
    alive = "grep -q '^State:[[:space:]]*[^Z[:space:]]'"
    return ["/bin/sh", "-c", f"{alive} /proc/$(cat '{folder}/agent.pid')/status || exit 1"]


class LocalAgentExecutor:
    """Instead of a pod, a process of this machine."""

    limits_memory = True

    def __init__(self, home: Path, place: AgentPlace, agent: Path) -> None:
        self._home, self._agents, self._program = home, Agents(home / "keys", place), agent

    def layout(self, folder: Path) -> Layout:
        return Layout(str(folder / FAR), "/usr/local/bin:/usr/bin:/bin")

    def jail(self, folder: Path) -> None: ...

    def proxy(self, key: str) -> None: ...

    def agent(self, folder: Path) -> AgentSpec | None:
        return spec_of(folder)

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        settings, into = self._agents.given(key, folder, str(folder / FAR), _look(folder)), folder / f"{FAR}-agent"
        for one in (folder / FAR, into):
            one.mkdir()
        (into / "settings.json").write_text(settings)
        with (folder / "agent.log").open("wb") as log:
            says = [(os.POSIX_SPAWN_DUP2, log.fileno(), number) for number in (1, 2)]
            pid = os.posix_spawn(self._program, ["agent", "run", str(into)], {}, file_actions=says, setsid=True)
        (folder / "agent.pid").write_text(str(pid))
        return []

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        return shells.command(step.shell, step.run, f"{folder / FAR}/{shells.FOLDER}")

    def after(self, key: str, folder: Path) -> list[str]:
        return [sys.executable, __file__, str(folder)]

    def close(self, key: str) -> None:
        folder = self._home / "jobs" / key
        agent_tokens.end(folder)
        with suppress(OSError, ValueError):
            os.kill(int((folder / "agent.pid").read_text()), signal.SIGTERM)

    def limited(self, level: Level, network: Network, hosts: frozenset[str] | None) -> LocalAgentExecutor:
        return self

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        return []


@asynccontextmanager
async def endpoint(home: Path, address: str = "127.0.0.1") -> AsyncIterator[AgentPlace]:
    """The job endpoint of a home, as its own process: it must answer whatever the test's loop does."""
    AgentCertificate(home / "keys").make()
    place = AgentPlace(address, free_port())
    command = ["-m", "workers.agents.main", "--home", str(home), "--host", place.address, "--port", str(place.port)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command)
    try:
        yield place
    finally:
        process.terminate()
        await process.wait()


def main(folder: Path) -> None:
    """What the supervisor starts after the last step."""
    if (folder / "fetched.tar").exists():
        settle(folder)
    os.kill(int((folder / "agent.pid").read_text()), signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
