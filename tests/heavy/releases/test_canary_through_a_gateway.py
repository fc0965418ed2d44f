"""A service on a real cluster, released by canary through a Gateway: judged by the router's own counters, under load.

The good version takes all the traffic, the bad one goes back, and nobody but the bad version's own requests fails.
"""

from __future__ import annotations

import json

import pytest

from tests.support.lab import Lab
from tests.workflows.releases.judged import recorded

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(560)]
INJECTED = {(500, "bad"), (500, "-")}
"""What the bad version answers; clients of HTTP/2 do not read which one it was."""
DEPLOY = """jobs:
  ship:
    environment: through-a-gateway
    deploy:
      service: judged
      version: "{version}"
      target: kubernetes
      router: gateway-api
      image: {image}
      port: 8080
      instances: 2
      readiness: {{http: /healthz, timeout: 60s}}
      drain: 2s
      strategy: {strategy}
      analysis:
        {{tick: 1s, min-dwell: 4s, max-dwell: 40s, warm-up: 0, first-weight: 20, steps: [50], on-inconclusive: promote}}
      rollback-window: 1s
"""


@pytest.fixture(scope="module")
def images(edge):
    """Version to its image in the cluster's registry."""
    settings = {"1": {}, "2": {}, "bad": {"FAIL": "0.3"}, "4": {}}
    return {version: edge.image(VERSION=version, **env) for version, env in settings.items()}


@pytest.fixture
async def lab(temporal_address, tmp_path, edge):
    async with Lab.on(temporal_address, tmp_path) as found:
        edge.cluster.known_to(found)
        found.register("through-a-gateway")
        known = found.records.definitions.get("Environment", "through-a-gateway")
        found.environment("through-a-gateway", json.dumps({**(known or {}), "target": {"kubernetes": edge.target}}))
        yield found


async def ship(lab: Lab, images, version: str, strategy: str = "canary"):
    text = DEPLOY.format(version=version, image=images[version], strategy=strategy)
    result = await lab.result(await lab.start(text))
    print(version, strategy, result.status, result.reason, recorded(lab)["steps"])
    return result


async def test_a_good_version_is_promoted_and_a_bad_one_goes_back_under_load(lab, edge, images, tmp_path):
    assert (await ship(lab, images, "1")).status == "passed"
    with edge.under_load(tmp_path, "judged.example") as load:
        good = await ship(lab, images, "2")
        bad = await ship(lab, images, "bad")
        switched = await ship(lab, images, "4", "blue-green")
    known = [*load.answers["kept"], *load.answers["new"]]  # the others do not read who answered
    counts = {name: sum(one.version == name for one in known) for name in images}
    print(f"{load}, by version {counts}")
    assert (good.status, bad.status, switched.status) == ("passed", "rolled-back", "passed")
    assert [one for _, one in load.lost if (one.status, one.version) not in INJECTED] == []
    assert max(known, key=lambda one: one.at).version == "4"
