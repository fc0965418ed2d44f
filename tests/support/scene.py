"""A released service under load on a whole engine, whose parts a test kills: each is a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from activities.supervisor import launch
from tests.support.command_line import call
from tests.support.environments import registered
from tests.support.lab import Repo, until
from tests.support.supervised import pids
from workers.client import releases, runs
from workers.client.client import Engine
from workers.core import connection
from workers.core.records import Records
from workers.core.settings import Settings
from workers.demo.load import Load
from workers.demo.load_generator import Answer
from workflows.runs.messages import RunResult

SERVICE = Path(__file__).with_name("sample_service.py").read_text()
DEPLOY = """apiVersion: sluiceway/v1
kind: Pipeline
name: {service}
jobs:
  ship:
    environment: {service}
    {env}
    deploy:
      service: {service}
      version: "{version}"
      command: [python3, service.py]
      readiness: {{http: /healthz}}
      liveness: {{http: /healthz, interval: 0.5s}}
      drain: 2s
      strategy: canary
      rollback-window: 0
      analysis: {{tick: 0.5, min-dwell: 2s, warm-up: 60s, first-weight: 20, steps: [50], budget: 0.05}}
"""


@dataclass
class Scene:
    """A service of a test's own, which is its environment's name too."""

    service: str
    chosen: Settings
    repo: Repo
    engine: Engine
    load: Load
    number: int = 0
    lost: list[Answer] = field(default_factory=list)

    def begin(self, env: str = "") -> str:
        self.number += 1
        text = DEPLOY.format(service=self.service, version=self.number, env=env)
        self.repo.commit({"sluiceway.yaml": text, "service.py": SERVICE})
        return started(self.repo)

    @property
    def release(self) -> str:
        return f"release/{self.service}/{self.service}/{self.number}"

    async def reached(self, what: str) -> None:
        """Until the release's story says so."""

        async def told() -> bool:
            view = await releases.view(self.engine, self.release)
            return any(re.search(what, event.what) for event in view.story)

        await until(told, 40, every_s=0.1)

    async def ends_where_its_record_says(self, run: str) -> str:
        async def ended() -> RunResult:
            return await runs.result(self.engine, run)

        try:
            result = await until(ended, 60, every_s=0.1)
        except TimeoutError:
            told = (await releases.view(self.engine, self.release)).story
            raise AssertionError(f"{run} has not ended; its release says {told}") from None
        record = json.loads(Records.at(self.chosen.records).releases.latest(self.service)[0]["result"])
        assert record["live"], record
        answered = await until(self._steady, 20)
        assert answered == record["live"], (record["reason"], answered)
        routes = json.loads((self.chosen.home / "router" / "routes.json").read_text())["routes"]
        assert list(routes[self.service][self.service]["weights"].values()) == [100.0]
        return result.status

    async def _steady(self) -> str:
        """The version that answers twenty times in a row."""
        seen = {self.load.ask() for _ in range(20)}
        return seen.pop() if len(seen) == 1 else ""

    def pid(self, instance: str) -> int:
        folder = self._folder(instance)
        return pids(folder)[0]

    def supervisor(self, instance: str) -> int:
        return launch.running(self._folder(instance))

    def running(self) -> list[str]:
        """Processes of any version of the service."""
        return [pid for pid in commands_with("service.py") if self._is_ours(Path(f"/proc/{pid}"))]

    def _is_ours(self, process: Path) -> bool:
        try:
            return f"{self.chosen.home}/services/{self.service}/" in os.readlink(process / "cwd") + "/"
        except OSError:
            return False

    def _folder(self, instance: str) -> Path:
        return self.chosen.home / "services" / self.service / self.service / instance

    @classmethod
    @asynccontextmanager
    async def on(cls, chosen: Settings, service: str, folder: Path, rate: float = 200) -> AsyncIterator[Scene]:
        """The service's first version is live, and clients ask for it, `rate` times a second."""
        addresses = chosen.engine()
        requests = Load(addresses["router_port"], f"{service}.localhost", folder)
        made = cls(service, chosen, Repo.create(folder / "repo", {"x": ""}), await connected(chosen), requests)
        assert (await runs.result(made.engine, made.begin())).status == "passed"
        made.load.at(rate)
        try:
            yield made
        finally:
            made.load.stop()


def started(repo: Repo) -> str:
    """The run that `sluiceway run` starts of a repository's definition, in the environments that it names."""
    registered(repo.path)
    code, out, said = call("run", "--detach", "sluiceway.yaml", cwd=repo.path)
    assert code == 0, said
    return out.strip()


async def connected(chosen: Settings) -> Engine:
    return Engine(await connection.connect(chosen.temporal_address()))


def pid_of(chosen: Settings, name: str) -> int:
    """The process of a part of the engine."""
    return pids(chosen.home / "engine" / name)[0]


def kill(pid: int) -> None:
    assert pid > 0, "0 would be this process's own group"
    os.kill(pid, signal.SIGKILL)


def has_text(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


def commands_with(text: str) -> list[str]:
    """Processes of this machine whose command line holds a text."""
    return [one.name for one in Path("/proc").iterdir() if one.name.isdigit() and text in _command(one)]


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
