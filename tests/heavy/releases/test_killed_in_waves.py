"""kill -9 while a release goes over two clusters in waves: it ends right in both, with nothing of the version before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters import metadata
from tests.support.cluster_scene import ENVIRONMENT
from tests.support.command_line import call
from tests.support.lab import Repo, until
from tests.support.made_clusters import Made
from tests.support.scene import connected, kill, pid_of, started
from tests.support.supervised import pids
from workers.client import releases, runs
from workers.core.settings import load

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(400)]
SERVICE, NAMESPACE = "waved", "team"
DEPLOY = """apiVersion: sluiceway/v1
kind: Pipeline
name: waved
jobs:
  ship:
    environment: waved
    deploy:
      service: waved
      version: "{version}"
      target: kubernetes
      router: none
      image: registry.example/waved@sha256:{digest}
      cpu: 0.1
      memory-mb: 16
      strategy: recreate
"""


@pytest.fixture
async def engine(up, simulated, one_node, tmp_path):
    """It knows two clusters with played nodes, and an environment that goes from one to the other."""
    one_node.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for one in (simulated, one_node):
        AddressBook(load().addresses).remember(one.name, one.access)
    waves = [{"clusters": simulated.name, "soak": "3s"}, {"clusters": one_node.name}]
    target = {"namespace": NAMESPACE, "clusters": {simulated.name: {}, one_node.name: {}}, "waves": waves}
    (tmp_path / "e.yaml").write_text(json.dumps({**ENVIRONMENT, "name": SERVICE, "target": {"kubernetes": target}}))
    code, _, said = call("apply", str(tmp_path / "e.yaml"))
    assert code == 0, said
    return await connected(load())


def begin(repo: Repo, version: int) -> str:
    repo.commit({"sluiceway.yaml": DEPLOY.format(version=version, digest=f"{version:064x}")})
    return started(repo)


async def ended(engine, run: str) -> str:
    async def told():
        return await runs.result(engine, run)

    result = await until(told, 150, every_s=0.2)
    print(result.status, result.reason)
    return result.status


async def reached(engine, cluster: str, standing: str) -> None:
    async def told() -> bool:
        view = await releases.view(engine, f"release/{SERVICE}/{SERVICE}/2")
        return any((one.cluster, one.standing) == (cluster, standing) for one in view.clusters)

    await until(told, 90, every_s=0.05)


def stop(cluster: Made, program: str) -> None:
    kill(pids(Path(cluster.access.reference.removeprefix("file:")).parent / "run" / program)[0])


def standing(cluster: Made) -> list[str]:
    found = cluster.kube.items("apps/v1", "Deployment", NAMESPACE, f"sluiceway.dev/service={SERVICE}")
    return [metadata.name(one) for one in found]


async def test_whoever_is_killed_in_a_wave_the_release_ends_right_in_every_cluster(
    engine, simulated, one_node, tmp_path
):
    repo = Repo.create(tmp_path / "repo", {"x": ""})
    assert await ended(engine, begin(repo, 1)) == "passed"
    run = begin(repo, 2)
    await reached(engine, simulated.name, "releasing")
    kill(pid_of(load(), "worker"))
    stop(simulated, "kube-controller-manager")
    await reached(engine, simulated.name, "live")
    stop(one_node, "etcd")
    stop(one_node, "kube-apiserver")
    await reached(engine, one_node.name, "releasing")
    stop(one_node, "kube-controller-manager")
    assert await ended(engine, run) == "passed"
    await until(lambda: len(standing(simulated)) == len(standing(one_node)) == 1, 60)
    assert standing(simulated) == standing(one_node) == [f"{SERVICE}-r2"]
