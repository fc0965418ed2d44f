"""kill -9 in the middle of a release under load: it ends right, with the traffic where its record says."""

import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from activities.supervisor import launch
from tests.support.lab import Repo, until
from tests.system.test_kills import connected, kill, pid_of, sluiceway
from workers.client import releases, runs
from workers.client.client import Engine
from workers.core.records import Records
from workers.core.settings import Settings
from workers.core.settings import load as settings
from workers.demo import load_generator as load
from workers.demo.load import Load
from workers.engine import embedded as engine

SERVICE = (Path(__file__).parents[1] / "support" / "sample_service.py").read_text()
DEPLOY = """apiVersion: sluiceway/v1
kind: Pipeline
name: web
jobs:
  ship:
    environment: production
    {env}
    deploy:
      service: web
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
    chosen: Settings
    addresses: dict
    repo: Repo
    engine: Engine
    load: Load
    number: int = 0
    lost: list[load.Answer] = field(default_factory=list)

    def begin(self, env: str = "") -> str:
        self.number += 1
        text = DEPLOY.format(version=self.number, env=env)
        self.repo.commit({"sluiceway.yaml": text, "service.py": SERVICE})
        return sluiceway("run", "--detach", "sluiceway.yaml", cwd=self.repo.path).strip()

    @property
    def release(self) -> str:
        return f"release/web/production/{self.number}"

    async def reached(self, what: str) -> None:
        """Until the release's story says so."""

        async def told():
            view = await releases.view(self.engine, self.release)
            return any(re.search(what, event.what) for event in view.story)

        await until(told, 40)

    async def ends_where_its_record_says(self, run: str) -> str:
        async def ended():
            return await runs.result(self.engine, run)

        result = await until(ended, 60)
        record = json.loads(Records.at(self.chosen.records).releases.latest()[0]["result"])
        assert record["live"], record
        answered = await until(self._steady, 20)
        assert answered == record["live"], (record["reason"], answered)
        routes = json.loads((self.chosen.home / "router" / "routes.json").read_text())["routes"]["web"]["production"]
        assert list(routes["weights"].values()) == [100.0]
        return result.status

    async def _steady(self) -> str:
        """The version that answers twenty times in a row."""
        seen = {self.load.ask() for _ in range(20)}
        return seen.pop() if len(seen) == 1 else ""

    def pid(self, instance: str) -> int:
        folder = self.chosen.home / "services" / "production" / "web" / instance
        return launch.read_json(folder / "state.json")["instances"][0]["pid"]

    def supervisor(self, instance: str) -> int:
        return launch.running(self.chosen.home / "services" / "production" / "web" / instance)


@pytest.fixture
async def scene(home: Path, tmp_path: Path):
    chosen = settings()
    addresses = engine.up(chosen, path=str(Path(sys.executable).parent))
    client = await connected(addresses)
    made = Scene(
        chosen,
        addresses,
        Repo.create(tmp_path / "repo", {"x": ""}),
        client,
        Load(addresses["router_port"], "web.localhost", tmp_path),
    )
    run = made.begin()
    assert (await client.run(run).result()).status == "passed"
    made.load.at(200)
    yield made
    made.load.stop()


@pytest.mark.timeout(240)
async def test_whoever_is_killed_while_a_canary_is_watched_the_release_ends_right(scene):
    """One engine, one release after the other, each with another victim at its first weight."""
    router = scene.chosen.home / "router"
    victims = {
        "worker": lambda: pid_of(scene.chosen, "worker"),
        "router": lambda: launch.read_json(router / "state.json")["instances"][0]["pid"],
        "temporal": lambda: pid_of(scene.chosen, "temporal"),
        "supervisor of the canary": lambda: scene.supervisor(f"r{scene.number}"),
        "process of the canary": lambda: scene.pid(f"r{scene.number}"),
    }
    for name, victim in victims.items():
        run = scene.begin()
        await scene.reached("watch .* at 20 %")
        kill(victim())
        status = await scene.ends_where_its_record_says(run)
        assert status in ("passed", "rolled-back"), name
        assert status == "passed" or name in ("process of the canary", "router"), name


@pytest.mark.timeout(240)
async def test_a_worker_killed_in_any_action_of_a_release_carries_it_out_once(scene):
    for what in ("start", "shift 50", "route", "stop"):
        run = scene.begin()
        await scene.reached(f"^{what}")
        kill(pid_of(scene.chosen, "worker"))
        assert await scene.ends_where_its_record_says(run) == "passed", what
    mine = [Path(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdigit()]
    running = [path for path in mine if _mine(path, scene.chosen.home)]
    assert len(running) == 1, "only the live version runs"


def _mine(path: Path, home: Path) -> bool:
    try:
        return b"service.py" in path.read_bytes() and str(home) in os.readlink(path.with_name("cwd"))
    except OSError:
        return False


async def test_a_worker_killed_while_a_release_goes_back_finishes_it(scene):
    run = scene.begin('env: {FAIL_EVERY: "3"}')
    await scene.reached("back at")
    kill(pid_of(scene.chosen, "worker"))

    assert await scene.ends_where_its_record_says(run) == "rolled-back"
