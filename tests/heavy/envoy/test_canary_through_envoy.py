"""A service on a real cluster whose Gateway is Istio's, with Envoy: by Gateway API and by Istio's own kinds, under load.

The good version takes all the traffic and the bad one goes back, by what Envoy counted; only requests to the bad version
fail. Mirrors and sticky clients are what Envoy has and Traefik, as a Gateway, does not.
"""

from __future__ import annotations

import json

import pytest

from tests.support.lab import Lab
from tests.support.release_cluster import NAMESPACE

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(400)]
INJECTED = {(500, "bad"), (500, "-")}
"""What the bad version answers; clients of HTTP/2 do not read which one it was."""
ROUTERS = ("gateway-api", "istio")
DEPLOY = """jobs:
  ship:
    environment: envoy-{router}
    deploy:
      service: {service}
      version: "{version}"
      target: kubernetes
      router: {router}
      image: {image}
      port: 8080
      readiness: {{http: /healthz, timeout: 60s}}
      drain: 2s
      strategy: canary
      routing: {{sticky: true, mirror: 50}}
      analysis: {{tick: 1s, min-dwell: 3s, max-dwell: 30s, warm-up: 0, first-weight: 30, on-inconclusive: promote}}
      rollback-window: 1s
"""


@pytest.fixture(scope="module")
def images(envoy):
    """Version to its image in the cluster's registry."""
    settings = {"1": {}, "2": {}, "bad": {"FAIL": "0.3"}}
    return {version: envoy.image(VERSION=version, **env) for version, env in settings.items()}


@pytest.fixture
async def lab(temporal_address, tmp_path, envoy, router):
    """Its environment and namespace are of one router: what another lab has begun waits for that lab's worker."""
    name, place = f"envoy-{router}", {**envoy.target, "namespace": f"{NAMESPACE}-{router}"}
    envoy.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place["namespace"]}})
    async with Lab.on(temporal_address, tmp_path) as found:
        envoy.cluster.known_to(found)
        found.register(name)
        known = found.records.definitions.get("Environment", name)
        found.environment(name, json.dumps({**(known or {}), "target": {"kubernetes": place}}))
        yield found


@pytest.mark.parametrize("router", ROUTERS)
async def test_a_good_version_is_promoted_and_a_bad_one_goes_back_under_load(lab, envoy, images, tmp_path, router):
    service = f"by-{router}"

    async def ship(version: str):
        text = DEPLOY.format(service=service, router=router, version=version, image=images[version])
        result = await lab.result(await lab.start(text))
        print(router, version, result.status, result.reason)
        return result

    assert (await ship("1")).status == "passed"
    with envoy.under_load(tmp_path, f"{service}.example") as load:
        good, bad = await ship("2"), await ship("bad")
    known = [*load.answers["kept"], *load.answers["new"]]  # the others do not read who answered
    print(f"{load}, by version { {name: sum(one.version == name for one in known) for name in images} }")
    assert (good.status, bad.status) == ("passed", "rolled-back")
    assert [one for _, one in load.lost if (one.status, one.version) not in INJECTED] == []
    assert max(known, key=lambda one: one.at).version == "2"
