"""kill -9 while several services go as one, forward and back: all end on one version, the one that the record says.

tests/workflows/releases/test_lost_workers.py has the short sibling, for every change.
"""

import asyncio
import json
import secrets

import pytest

from tests.support.command_line import call
from tests.support.lab import Repo, until
from tests.support.scene import SERVICE, connected, kill, pid_of, started
from workers.client import releases, runs
from workers.client.client import Engine
from workers.core.records import Records
from workers.core.settings import load
from workers.demo.load import Load

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
SHOP = """apiVersion: sluiceway/v1
kind: Pipeline
name: {name}
jobs:
  ship:
    environment: {name}
    {env}
    deploy:
      service: {name}
      version: "{version}"
      command: [python3, service.py]
      readiness: {{http: /healthz}}
      drain: 2s
      strategy: canary
      analysis: {{tick: 0.5, min-dwell: 2s, warm-up: 60s, first-weight: 20, steps: [50], budget: 0.05}}
      services:
        web-{name}: {{needs: [api-{name}]}}
        api-{name}: {{}}
"""


class Shop:
    """Two services of a name of their own on the engine that is up, both under load."""

    engine: Engine

    def __init__(self, folder) -> None:
        self.chosen, self.name = load(), f"shop-{secrets.token_hex(2)}"
        self.services = [f"{one}-{self.name}" for one in ("api", "web")]
        self.repo = Repo.create(folder / "repo", {"x": ""})
        port = self.chosen.engine()["router_port"]
        self.loads = [Load(port, f"{one}.localhost", folder / one) for one in self.services]

    def begin(self, version: int, env: str = "") -> str:
        text = SHOP.format(name=self.name, version=version, env=env)
        self.repo.commit({"sluiceway.yaml": text, "service.py": SERVICE})
        return started(self.repo)

    async def reached(self, standing: str, percent: float = 0.0) -> None:
        """Until one of the newest release's services stands so, with that weight."""

        async def told() -> bool:
            view = await releases.view(self.engine, self.newest()["id"])
            return not view.verdict and any((one.standing, one.percent) == (standing, percent) for one in view.clusters)

        await until(told, 60, every_s=0.1)

    def newest(self):
        return Records.at(self.chosen.records).releases.latest(self.name)[0]

    async def ended(self, run: str) -> str:
        async def told():
            return await runs.result(self.engine, run)

        return (await until(told, 90, every_s=0.1)).status

    async def answers(self, version: int) -> bool:
        """Whether each service answers by that version alone."""

        async def steady() -> bool:
            return all({one.ask() for _ in range(20)} == {str(version)} for one in self.loads)

        return await until(steady, 40)

    def kill_all(self) -> None:
        for part in ("worker", "temporal"):
            kill(pid_of(self.chosen, part))


@pytest.fixture
async def shop(up, tmp_path):
    made = Shop(tmp_path)
    made.engine = await connected(made.chosen)
    assert await made.ended(made.begin(1)) == "passed"
    for one in made.loads:
        one.at(100)
    yield made
    for one in made.loads:
        one.stop()


async def test_whoever_is_killed_all_services_end_on_the_version_of_the_record(shop):
    run = shop.begin(2)
    await shop.reached("releasing", 20.0)
    kill(pid_of(shop.chosen, "worker"))
    assert await shop.ended(run) == "passed"
    assert await shop.answers(2)

    run = shop.begin(3, 'env: {FAIL_EVERY: "3"}')
    await shop.reached("returning", 20.0)
    shop.kill_all()
    assert await shop.ended(run) == "rolled-back"
    assert await shop.answers(2)

    back = asyncio.create_task(asyncio.to_thread(call, "release", "rollback", shop.name))
    await shop.reached("releasing")
    shop.kill_all()
    code, out, said = await back
    assert code == 0, (out, said)
    ended = json.loads(shop.newest()["result"])
    assert (ended["verdict"], {one["standing"] for one in ended["clusters"].values()}) == ("live", {"live"})
    assert await shop.answers(1)
