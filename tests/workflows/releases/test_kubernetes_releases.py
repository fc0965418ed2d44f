"""Releases to a cluster: asked first, capacity before weight, back with nothing left; over an API server in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.releases.targets.memory import MemoryTarget
from activities.source import git
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError
from tests.contracts.targets.kubernetes import TableRouter
from tests.support.fakes import FastClock, on_memory
from tests.support.lab import Lab, Repo, prepared, until
from tests.workflows.releases.judged import recorded
from workers.client import releases

DEPLOY = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: web
      version: "{version}"
      target: kubernetes
      router: gateway-api
      image: registry.example/web:{version}
      instances: 4
      readiness: {{http: /, timeout: 5s}}
      drain: 1s
      strategy: canary
      analysis: {{tick: 0.1, min-dwell: 0.3, max-dwell: 1h, warm-up: 0, first-weight: 5}}
"""
PLACE = {"cluster": "edge", "namespace": "shop", "gateway": "infra/public", "host": "{service}.example"}
AS_WRITTEN = {"tags": "as-written"}
"""There is no such registry."""
BROKEN = "registry.example/web:broken"


@pytest.fixture
async def cluster(temporal_address, tmp_path):
    kube, source, router = MemoryObjects(waiting={BROKEN: "CrashLoopBackOff"}), MemorySource(), TableRouter()
    plain, memory = prepared(temporal_address, tmp_path), MemoryTarget()
    target = KubernetesTarget({"edge": kube}.__getitem__, FolderStore(plain.settings.store), {"gateway-api": router})
    staged = ReleaseActivities({"kubernetes": target}, plain.records.releases, memory, permits=plain.permits)
    others = [one for one in on_memory(plain, memory, source, FastClock()) if one.__name__ not in ("act", "record")]
    async with Lab.on(temporal_address, tmp_path, [*others, staged.act, staged.record]) as lab:
        yield lab, kube, source, router


async def released(lab: Lab, environment: str, version: str):
    return await lab.result(await lab.start(DEPLOY.format(environment=environment, version=version)))


MIGRATE = """      rollback-window: 0s
      migrate: {{expand: [migrate], contract: [tidy], needs: {needs}, works-with: [{works}]}}
"""


async def migrated(lab: Lab, environment: str, version: str, needs: int, works: str):
    text = DEPLOY.format(environment=environment, version=version) + MIGRATE.format(needs=needs, works=works)
    return await lab.result(await lab.start(text))


MANIFESTS = """jobs:
  ship:
    environment: {environment}
    deploy: {{service: web, version: "1", target: kubernetes, router: none, manifests: [k8s], strategy: recreate}}
"""
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: elsewhere.example/miner:1}]}
"""


async def test_what_a_source_brings_along_is_admitted_as_the_image_of_the_job_is(cluster):
    lab, kube, _, _ = cluster
    registered(lab, "p5", images={"built_here": True, "tags": "as-written"})
    result = await lab.result(await lab.start(MANIFESTS.format(environment="p5"), {"k8s/web.yaml": WORKLOAD}))
    assert result.status == "refused"
    assert "p5 does not admit elsewhere.example/miner:1" in result.reason
    assert kube.calls == []


@pytest.mark.system
async def test_what_stands_in_git_is_released_beside_its_deployment_which_gets_no_pods_by_it(cluster):
    lab, kube, _, _ = cluster
    registered(lab, "p6", git={"import_": True})
    text = MANIFESTS.format(environment="p6").replace("router: none", "router: gateway-api")
    refused = await lab.result(
        await lab.start(text, {"k8s/web.yaml": WORKLOAD.replace("spec:\n", "spec:\n  replicas: 2\n", 1)})
    )
    assert "SLW966" in refused.reason
    assert kube.calls == []
    result = await lab.result(await lab.start(text, {"k8s/web.yaml": WORKLOAD}))
    assert result.status == "passed", result.reason
    assert [one for one in kube.every() if one.startswith("Deployment")] == ["Deployment/web-r1"]
    assert kube.get("apps/v1", "Deployment", "web", "shop") is None


def registered(lab: Lab, environment: str, **more: Any) -> None:
    lab.register(environment)
    known = lab.records.definitions.get("Environment", environment) or {}
    lab.environment(environment, json.dumps({**known, "target": {"kubernetes": PLACE}, "images": AS_WRITTEN, **more}))


async def test_a_canary_goes_to_a_cluster_and_a_broken_one_leaves_nothing(cluster):
    lab, kube, _, router = cluster
    registered(lab, "p1")
    assert (await released(lab, "p1", "1")).status == "passed"
    assert router.weights == {"r1": 100.0}
    result = await released(lab, "p1", "2")
    assert result.status == "passed", result.reason
    steps = recorded(lab)["steps"]
    assert steps[:3] == ["preflight 2", "scale 1 to 4 pods", "start 2"]
    assert steps.index("scale 2 to 4 pods") < steps.index("route 2")
    before = kube.every()
    result = await released(lab, "p1", "broken")
    assert result.status == "rolled-back"
    assert "ended 3 times" in result.reason
    assert kube.every() == before
    assert router.weights["r2"] == 100.0


async def test_what_the_cluster_would_refuse_touches_nothing(cluster):
    lab, kube, _, _ = cluster
    registered(lab, "p2")
    kube.denied = {("create", "Service")}
    result = await released(lab, "p2", "1")
    assert result.status == "failed"
    assert "create Service in shop: no role allows create of Service" in result.reason
    assert kube.calls == []


async def test_an_environment_without_a_place_in_a_cluster_gets_nothing(cluster):
    lab, kube, _, _ = cluster
    result = await released(lab, "p3", "1")
    assert result.status == "refused"
    assert "its environment has no place in Kubernetes" in result.reason
    assert kube.calls == []


@pytest.mark.system
async def test_a_version_whose_contract_failed_is_told_and_ended_with_the_next_release(cluster):
    lab, kube, _, _ = cluster
    registered(lab, "p6")
    for version, works in (("1", ""), ("2", "11")):
        kube.failing = {f"web-r{version}-contract"}
        result = await migrated(lab, "p6", version, 10 + int(version), works)
        assert result.status == "passed", result.reason
    (late,) = (await releases.environment(lab.engine, "p6")).unended["web"]
    assert (late.deployment.instance, "contract of r2 failed" in late.why) == ("r1", True)
    assert "Deployment/web-r1" in kube.every()

    kube.failing = set()
    result = await migrated(lab, "p6", "3", 13, "12")
    assert result.status == "passed", result.reason

    async def ended() -> bool:
        return not [one for one in kube.every() if "-r1" in one or "-r2" in one]

    await until(ended)
    assert (await releases.environment(lab.engine, "p6")).unended == {}


async def test_nothing_goes_below_what_a_contract_has_taken_away(cluster):
    lab, kube, _, router = cluster
    registered(lab, "p4")
    result = await migrated(lab, "p4", "1", 11, "")
    assert result.status == "passed", result.reason
    refused = await migrated(lab, "p4", "3", 13, "12")
    assert "the live version 1 needs schema 11, and schema 13 works with versions of 12" in refused.reason
    assert router.weights == {"r1": 100.0}
    result = await migrated(lab, "p4", "2", 12, "11")
    assert result.status == "passed", result.reason
    jobs = [call.split()[2] for call in kube.calls if call.startswith("apply Job")]
    assert jobs == ["web-r1-expand", "web-r3-expand", "web-r3-contract"]
    refused = await migrated(lab, "p4", "1b", 11, "")
    assert "1b needs schema 11, and a contract has taken away what is below 12" in refused.reason
    with pytest.raises(SluicewayError, match="web does not go back: 1 needs schema 11"):
        await releases.rollback(lab.engine, "p4", "web")
    assert router.weights["r3"] == 100.0


def bare(folder: Path) -> Path:
    """A repository that others push to."""
    Repo.create(folder / "work", {"README": "x"})
    git.git("clone", "-q", "--bare", str(folder / "work"), str(folder / "deploy.git"))
    return folder / "deploy.git"


@pytest.mark.system
async def test_what_is_live_is_said_in_a_repository_and_what_goes_back_writes_nothing(cluster, tmp_path):
    lab, _, _, _ = cluster
    there = bare(tmp_path / "git")
    registered(lab, "g1", git={"repository": f"file://{there}", "branch": "main", "path": "{service}.yaml"})
    assert (await released(lab, "g1", "1")).status == "passed"
    assert [one["why"][:22] for one in recorded(lab)["story"] if one["what"] == "git"] == ["web.yaml says so in ma"]
    assert (await released(lab, "g1", "broken")).status == "rolled-back"
    assert b'version: "1"' in git.git("show", "main:web.yaml", cwd=there)
    assert git.git("rev-list", "--count", "main", cwd=there) == b"2\n"
    registered(lab, "g1", git={"repository": f"file://{there}", "branch": "nowhere", "path": "{service}.yaml"})
    assert (await released(lab, "g1", "2")).status == "passed"
    told = [one["why"] for one in recorded(lab)["story"] if one["what"] == "git"]
    assert told == ["web.yaml was not written: there is no branch nowhere"]


SERVICES = """      services:
        front: {needs: [api]}
        api: {version: "7"}
"""


def services(environment: str) -> str:
    """Two of them as one, whose release is called web."""
    return DEPLOY.replace("web:{version}", "web:1").format(environment=environment, version="1") + SERVICES


async def test_services_released_as_one_are_said_in_one_commit_when_all_are_live(cluster, tmp_path):
    lab, _, _, _ = cluster
    there = bare(tmp_path / "git")
    registered(lab, "g2", git={"repository": f"file://{there}", "branch": "main", "path": "{service}.yaml"})
    result = await lab.result(await lab.start(services("g2")))
    assert result.status == "passed", result.reason
    assert git.git("log", "-1", "--format=%s", "main", cwd=there) == b"api 7, front 1 are live in g2\n"
    assert git.git("rev-list", "--count", "main", cwd=there) == b"2\n"
    assert b'service: "front"' in git.git("show", "main:front.yaml", cwd=there)
    stories = {row["service"]: json.loads(row["result"])["story"] for row in lab.records.releases.latest()}
    assert {name for name, story in stories.items() if any(one["what"] == "git" for one in story)} == {"web"}
