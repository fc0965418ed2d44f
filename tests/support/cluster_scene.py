"""Releases to a real cluster on a whole engine, whose programs and those of the cluster a test kills."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from domain.core.documents import Node
from domain.releases.kubernetes.traffic import PARTS
from tests.support.command_line import call
from tests.support.lab import Repo, until
from tests.support.release_cluster import NAMESPACE, ReleaseCluster
from tests.support.scene import kill, pid_of, started
from workers.client import releases, runs
from workers.client.client import Engine
from workers.core.records import Records
from workers.core.settings import Settings
from workflows.runs.messages import RunResult

DEPLOY = """apiVersion: sluiceway/v1
kind: Pipeline
name: {service}
jobs:
  ship:
    environment: {service}
    deploy:
      service: {service}
      version: "{version}"
      target: kubernetes
      router: gateway-api
      image: {image}
      cpu: 0.2
      memory-mb: 64
      instances: 2
      readiness: {{http: /healthz, timeout: 60s}}
      drain: 2s
      strategy: canary
      rollback-window: 0
      analysis: {{tick: 1s, min-dwell: 3s, max-dwell: 6s, warm-up: 0, first-weight: 20, steps: [50], on-inconclusive: promote}}
"""
ENVIRONMENT = {"apiVersion": "sluiceway/v1", "kind": "Environment", "trust": "open"}


@dataclass
class ClusterScene:
    """A service of a test's own, which is its environment's name too."""

    service: str
    edge: ReleaseCluster
    chosen: Settings
    engine: Engine
    repo: Repo
    images: tuple[str, str]
    """Released in turn."""
    number: int = 0
    killed: dict[str, float] = field(default_factory=dict)
    """When each program was killed last."""

    def known(self, file: Path) -> None:
        """Registers its environment, and tells the engine how the cluster is reached."""
        file.write_text(json.dumps({**ENVIRONMENT, "name": self.service, "target": {"kubernetes": self.edge.target}}))
        code, _, said = call("apply", str(file))
        assert code == 0, said

    def begin(self) -> str:
        self.number += 1
        image = self.images[self.number % 2]
        text = DEPLOY.format(service=self.service, version=self.number, image=image)
        self.repo.commit({"sluiceway.yaml": text})
        return started(self.repo)

    async def kills(self, plan: dict[str, str]) -> None:
        """A program in each action, as soon as the release's story begins with it."""
        for action, victim in plan.items():
            await self.reached(action)
            self._kill(victim)
            self.killed[victim] = time.time()

    async def reached(self, action: str) -> None:
        """Returns when the last release's story has come to an action."""

        async def told() -> bool:
            view = await releases.view(self.engine, f"release/{self.service}/{self.service}/{self.number}")
            return any(re.match(action, event.what) for event in view.story)

        await until(told, 90, every_s=0.1)

    def _kill(self, victim: str) -> None:
        if victim in ("worker", "temporal"):
            kill(pid_of(self.chosen, victim))
        else:
            self.edge.kill(victim)

    async def ends_where_its_record_says(self, run: str) -> str:
        """Its status; the route has the recorded version alone, and no other version is in the cluster."""

        async def ended() -> RunResult:
            return await runs.result(self.engine, run)

        result = await until(ended, 150, every_s=0.2)
        record = json.loads(Records.at(self.chosen.records).releases.latest(self.service)[0]["result"])
        assert record["live"], record["reason"]
        live = f"{self.service}-{record['live'] if record['live'].startswith('r') else 'r' + record['live']}"
        await until(lambda: self.weights() == {live: PARTS}, 30)
        await until(lambda: self.left() == {live}, 60)
        return result.status

    def weights(self) -> dict[str, int]:
        """Of the service's rule in its route: Service to its parts, but those without any."""
        api = "gateway.networking.k8s.io/v1"
        rules = Node(self.edge.kube.get(api, "HTTPRoute", self.service, NAMESPACE)).at("spec", "rules")
        backends = list(rules)[-1]["backendRefs"]
        found = {one["name"].text(): one["weight"].whole(1) for one in backends}
        return {name: parts for name, parts in found.items() if parts}

    def left(self) -> set[str]:
        """Releases of the service of which anything is in the cluster."""
        kinds = (("v1", "ConfigMap"), ("apps/v1", "Deployment"), ("v1", "Pod"), ("v1", "Service"))
        chosen = f"sluiceway.dev/service={self.service}"
        found = [one for kind in kinds for one in self.edge.kube.items(*kind, NAMESPACE, chosen)]
        instances = {Node(one).at("metadata", "labels")["app.kubernetes.io/instance"].text() for one in found}
        return instances - {""}
