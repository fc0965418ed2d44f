"""What is applied to a cluster is what was rendered and approved: its objects, at the place of its environment."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.rendering.port import RENDERED, Rendered, RenderInput
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.releases.targets.memory import MemoryTarget
from domain.approvals.scope import CHANGED
from domain.core.documents import Node
from domain.releases.kubernetes.prepared import dumped, loaded
from tests.contracts.targets.kubernetes import TableRouter
from tests.support.fakes import FastClock, on_memory
from tests.support.lab import Lab, Prepared, prepared
from workers.client import approvals

ALL = {"author": True, "committer": True, "starter": True}
RULE = {"users": ["lead"], "groups": [], "quorum": 1, "per_group": {}, "max_expires": 0, "allow": ALL}
PLACE = {"cluster": "edge", "namespace": "shop", "gateway": "infra/public", "host": "{service}.example"}
JOBS = """jobs:
  ok:
    environment: ENV
    approval: {users: [lead], allow: {author: true, committer: true, starter: true}}
  ship:
    needs: [ok]
    environment: ENV
    deploy:
      service: web
      version: "1"
      target: kubernetes
      manifests: [deploy]
      readiness: {timeout: 5s}
      drain: 1s
"""
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1", envFrom: [{configMapRef: {name: mode}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mode}
data: {MODE: fast}
"""


@dataclass
class Renewed:
    """A renderer that gives something else from the second time on, as after an upgrade of its program."""

    plain: Any
    store: Any
    asked: list[RenderInput] = field(default_factory=list)

    @activity.defn(name="render-release")
    async def render(self, input: RenderInput) -> Rendered:
        self.asked.append(input)
        made: Rendered = await self.plain(input)
        if len(self.asked) == 1 or made.refusal:
            return made
        found = loaded(self.store.get(made.digest))
        other = [{**one, "data": {"MODE": "slow"}} if one["kind"] == "ConfigMap" else one for one in found]
        return replace(made, digest=self.store.put(dumped(other)))


def over(plain: Prepared, kube: MemoryObjects) -> list[Any]:
    target = KubernetesTarget({"edge": kube}.__getitem__, plain.wired.store, {"gateway-api": TableRouter()})
    staged = ReleaseActivities({"kubernetes": target}, plain.records.releases, MemoryTarget(), permits=plain.permits)
    others = on_memory(plain, MemoryTarget(), MemorySource(), FastClock())
    return [*(one for one in others if one.__name__ not in ("act", "record")), staged.act, staged.record]


@pytest.fixture
async def cluster(temporal_address: str, tmp_path: Path) -> AsyncIterator[tuple[Lab, MemoryObjects]]:
    kube, plain = MemoryObjects(), prepared(temporal_address, tmp_path)
    async with Lab.on(temporal_address, tmp_path, over(plain, kube)) as lab:
        yield lab, kube


def protected(lab: Lab, name: str) -> None:
    lab.identity("lead")
    body = {"name": name, "trust": "signed", "approval": {**RULE, "trust": "signed"}, "target": {"kubernetes": PLACE}}
    body["images"] = {"tags": "as-written"}  # there is no such registry
    lab.environment(name, json.dumps(body))


async def released(lab: Lab, environment: str, text: str = WORKLOAD) -> tuple[str, Any]:
    run = await lab.start(JOBS.replace("ENV", environment), {"deploy/web.yaml": text})
    job = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, job, "lead", True, "", lab.settings.keys)
    await approvals.decide(lab.engine, run, job, decision)
    return run, await lab.result(run)


async def test_manifests_are_released_with_a_configuration_of_their_own(cluster):
    lab, kube = cluster
    protected(lab, "rendered-1")
    run, result = await released(lab, "rendered-1")
    assert result.status == "passed", result.reason
    workload = kube.get("apps/v1", "Deployment", "web-r1", "shop")
    main = Node(workload).at("spec", "template", "spec", "containers").first()
    assert main["envFrom"].first().at("configMapRef", "name").text() == "web-r1.mode"
    assert {"ConfigMap/web-r1.mode", "ConfigMap/web-r1"} <= set(kube.every())
    (job,) = [one for one in lab.records.runs.jobs(run) if one["kind"] == "deploy"]
    kept = json.loads(job["result"])["artifacts"][RENDERED]
    assert loaded(lab.wired.store.get(kept)), "the collector keeps what a job refers to"


async def test_objects_that_are_others_than_approved_are_not_released(temporal_address: str, tmp_path: Path) -> None:
    kube, plain = MemoryObjects(), prepared(temporal_address, tmp_path)
    known = over(plain, kube)
    (real,) = [one for one in known if one.__name__ == "render"]
    renewed = Renewed(real, plain.wired.store)
    others = [one for one in known if one is not real]
    async with Lab.on(temporal_address, tmp_path, [*others, renewed.render]) as lab:
        protected(lab, "rendered-2")
        _, result = await released(lab, "rendered-2")
    assert len(renewed.asked) == 2, "once for what is asked, and once for what is released"
    assert result.status == "refused", result.reason
    assert CHANGED in result.reason
    assert kube.calls == []


async def test_what_no_release_may_have_is_refused_with_its_place(cluster):
    lab, kube = cluster
    protected(lab, "rendered-3")
    _, result = await released(
        lab, "rendered-3", WORKLOAD.replace("spec: {containers", "spec: {hostPID: true, containers")
    )
    assert result.status == "refused", result.reason
    assert "SLW966" in result.reason
    assert "deploy/web.yaml:1: Deployment web" in result.reason
    assert kube.calls == []
