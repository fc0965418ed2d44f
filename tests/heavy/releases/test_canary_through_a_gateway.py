"""A service on a real cluster, released by canary through a Gateway: judged by the router's own counters, under load.

The good version takes all the traffic, the bad one goes back, and nobody but the bad version's own requests fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from activities.clusters.providers.local.host import HostProvider
from domain.clusters.beside import gateway, image_registry
from domain.clusters.spec import ClusterSpec, Network, NodePool
from domain.core.documents import Node
from tests.support.built_programs import built, needs_host
from tests.support.lab import Lab
from tests.support.made_clusters import made
from tests.workflows.releases.judged import recorded
from workers.demo import faulty_service, service_image
from workers.demo import load_generator as load

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(560)]
RATE = float(os.environ.get("RATE", "60"))
SPEC = ClusterSpec(
    "edge",
    "host",
    network=Network(pods="10.144.0.0/16", services="10.143.0.0/16", nodes="10.98.0.0/24"),
    pools=(NodePool("web", 1),),
    parts={"gateway": "traefik", "registry": "docker-registry"},
)
PLACE = {
    "cluster": SPEC.name,
    "namespace": "shop",
    "gateway": f"{gateway.NAMESPACE}/{gateway.NAME}",
    "host": "{service}.example",
}
DEPLOY = """jobs:
  ship:
    environment: production
    deploy:
      service: shop
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
def cluster(tmp_path_factory):
    needs_host()
    root = tmp_path_factory.mktemp("canary")
    provider = HostProvider(root / "clusters", built())
    if why := provider.blocker(SPEC):
        pytest.skip(why)
    with made(provider, SPEC, root) as found:
        found.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        yield found


@pytest.fixture(scope="module")
def images(cluster):
    """Version to its image in the cluster's registry."""
    told = cluster.kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE)
    repository = f"{image_registry.host_of(told)}/shop"
    code = {"/srv/service.py": Path(faulty_service.__file__).read_bytes()}
    settings = {"1": {}, "2": {}, "bad": {"FAIL": "0.3"}, "4": {}}
    return {
        version: service_image.push(repository, code, ("/srv/service.py",), {"VERSION": version, **env})
        for version, env in settings.items()
    }


@pytest.fixture
async def lab(temporal_address, tmp_path, cluster):
    async with Lab.on(temporal_address, tmp_path) as found:
        cluster.known_to(found)
        found.register("production")
        known = found.records.definitions.get("Environment", "production")
        assert known is not None
        found.environment("production", json.dumps({**known, "target": {"kubernetes": PLACE}}))
        yield found


@contextmanager
def under_load(cluster, folder: Path):
    """The answers, once the block has ended."""
    entry = cluster.kube.get(f"{gateway.GROUP}/v1", "Gateway", gateway.NAME, gateway.NAMESPACE)
    port = Node(entry).at("spec", "listeners").first()["port"].whole()
    slices = cluster.kube.items("discovery.k8s.io/v1", "EndpointSlice", gateway.NAMESPACE)
    address = Node(slices[0])["endpoints"].first()["addresses"].first().text()
    file = folder / "load"
    answers: list[load.Answer] = []
    command = [
        sys.executable,
        "-m",
        "workers.demo.load_generator",
        f"{address}:{port}",
        "shop.example",
        str(RATE),
        file,
    ]
    process = subprocess.Popen(list(map(str, command)), env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    try:
        yield answers
    finally:
        process.terminate()
        process.wait(30)
    answers += load.read(file)


async def ship(lab: Lab, images, version: str, strategy: str = "canary"):
    text = DEPLOY.format(version=version, image=images[version], strategy=strategy)
    result = await lab.result(await lab.start(text))
    print(version, strategy, result.status, result.reason, recorded(lab)["steps"])
    return result


async def test_a_good_version_is_promoted_and_a_bad_one_goes_back_under_load(lab, cluster, images, tmp_path):
    assert (await ship(lab, images, "1")).status == "passed"
    with under_load(cluster, tmp_path) as answers:
        good = await ship(lab, images, "2")
        bad = await ship(lab, images, "bad")
        switched = await ship(lab, images, "4", "blue-green")
    failed = [one for one in answers if not one.fine]
    counts = {name: sum(one.version == name for one in answers) for name in images}
    print(f"{len(answers)} requests, by version {counts}, failed {len(failed)}")
    assert (good.status, bad.status, switched.status) == ("passed", "rolled-back", "passed")
    assert [one for one in failed if one.version != "bad"] == []
    assert answers[-1].version == "4"
