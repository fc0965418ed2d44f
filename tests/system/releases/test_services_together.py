"""Several services of this machine, released as one behind the real router, under load: no request is lost."""

import asyncio
import collections
import sys

import pytest

from activities.releases.routers.traefik.process import loopback
from tests.workflows.releases.test_releases import SERVICE, real

__all__ = ["real"]
pytestmark = pytest.mark.system
SHOP = """jobs:
  ship:
    environment: together
    deploy:
      service: shop
      version: "{version}"
      strategy: blue-green
      analysis: false
      command: ["{python}", app.py]
      services:
        web: {{needs: [api], checks: [{{path: /, contains: "{contains}"}}]}}
        api: {{}}
"""


async def ship(lab, version, contains):
    text = SHOP.format(version=version, contains=contains, python=sys.executable)
    return await lab.result(await lab.start(text, {"app.py": SERVICE}))


async def asked(port, service):
    async with loopback() as client:
        got = await client.get(f"http://127.0.0.1:{port}/", headers={"Host": f"{service}.localhost"})
        return service, got.text if got.status_code == 200 else got.status_code


async def test_services_switch_as_one_and_go_back_as_one_without_a_lost_request(real):
    lab, port = real
    assert (await ship(lab, "1", "1")).status == "passed"
    answers: collections.Counter[tuple[str, str | int]] = collections.Counter()

    async def load():
        while True:
            answers.update([await asked(port, service) for service in ("web", "api")])

    loaded = asyncio.create_task(load())
    assert (await ship(lab, "2", "2")).status == "passed"
    assert (await ship(lab, "3", "something else")).status == "rolled-back"
    assert not loaded.done()
    loaded.cancel()

    assert set(answers) == {(service, version) for service in ("web", "api") for version in ("1", "2")}
    assert {await asked(port, service) for service in ("web", "api")} == {("web", "2"), ("api", "2")}
