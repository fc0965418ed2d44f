"""The demo's releases to a real cluster: versions by canary and blue-green through its Gateway, under load."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from activities.kubernetes.client import Kube
from activities.source.mirrors import Mirrors
from domain.clusters.beside import gateway, image_registry
from domain.core.documents import Node
from workers.client import deliveries as trigger
from workers.client import runs, triggers
from workers.client.client import Engine, new_delivery_id
from workers.client.for_owner import owner_client
from workers.core.settings import Settings
from workers.demo import faulty_service
from workers.demo.load import Load
from workers.demo.service_image import push
from workers.views.output import out
from workers.worker.client_wiring import command_parts

EXAMPLE = Path(__file__).parents[2] / "pipeline_defs" / "examples" / "releases-in-a-cluster"
HOST, PER_S = "shop.example.test", 100
QUICK = "analysis: {tick: 1s, min-dwell: 5s, first-weight: 5, warm-up: 5s}"
"""Differs from the defaults in its times only: a demo cannot wait for minutes."""
CANARY, BLUE_GREEN = f"canary\n      {QUICK}", f"blue-green\n      blue-green: {{split: 25}}\n      {QUICK}"


@dataclass(frozen=True)
class Step:
    """One version, and its expected outcome."""

    version: str
    _: KW_ONLY
    strategy: str = CANARY
    env: Mapping[str, str] = field(default_factory=dict)
    outcome: str = "passed"
    live: str = ""
    """The version that answers afterwards."""


STEPS = (
    Step("1", live="1"),
    Step("2", live="2"),
    Step("3", env={"FAIL": "0.1"}, outcome="rolled-back", live="2"),
    Step("4", strategy=BLUE_GREEN, live="4"),
)


@dataclass
class ClusterReleases:
    """Releases the steps one after the other. `wrong`: expectations that did not hold; `facts`: for the summary."""

    settings: Settings
    engine: Engine
    kube: Kube
    wrong: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    @property
    def _folder(self) -> Path:
        return self.settings.home / "demo" / "shop"

    async def all(self) -> None:
        """The registry and the gateway are found as the cluster tells them."""
        images = await asyncio.to_thread(self._images)
        client = owner_client(command_parts(self.settings))
        await client.registrations.apply((EXAMPLE / "environment.yaml").read_text())
        address, port = await asyncio.to_thread(self._gateway)
        load = Load(port, HOST, self._folder / "load", address)
        began = time.time()
        try:
            for number, step in enumerate(STEPS):
                await self._release(step, images[step.version], load)
                if not number:  # before the first version there is nobody to ask
                    began = time.time()
                    load.at(PER_S)
            load.settle()
        finally:
            load.stop()
        counts = load.counts(began, time.time(), "3")
        lost = counts.failed - counts.injected
        out(f"  {counts.requests:,} requests: {lost} lost, {counts.injected} answered 500 by the bad version")
        if lost:
            self.wrong.append(f"{lost} of {counts.requests} requests to the cluster were lost")
        self.facts.append(f"{len(STEPS)} versions released to it, {lost} of {counts.requests:,} requests lost")

    async def _release(self, step: Step, image: str, load: Load) -> None:
        began = time.monotonic()
        file = self._definition(step)
        params: dict[str, str | int | float | bool] = {"image": image, "version": step.version}
        delivery = trigger.by_hand(file, Mirrors(self.settings.mirrors), params, new_delivery_id("demo"))
        answer = await triggers.deliver(self.engine, delivery)
        result = await runs.result(self.engine, answer.run)
        how, seconds = step.strategy.partition("\n")[0], time.monotonic() - began
        out(f"  version {step.version} ({how}): {result.status} after {seconds:.1f} s; {result.reason}")
        if result.status != step.outcome:
            self.wrong.append(f"version {step.version} is {result.status}, and {step.outcome} was expected")
        if (answered := load.ask()) != step.live:
            self.wrong.append(f"after version {step.version} the cluster answers with {answered or 'nothing'}")

    def _definition(self, step: Step) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        text = (EXAMPLE / "shop.yaml").read_text()
        (self._folder / "shop.yaml").write_text(text.replace("strategy: canary", f"strategy: {step.strategy}"))
        return self._folder / "shop.yaml"

    def _images(self) -> dict[str, str]:
        """Pushes an image of each version; returns their references by digest."""
        told = self.kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE)
        repository = f"{image_registry.host_of(told or {})}/shop"
        files = {"srv/service.py": Path(faulty_service.__file__).read_bytes()}
        made = {}
        for step in STEPS:
            env = {"VERSION": step.version, "PYTHONHOME": sys.base_prefix, **step.env}
            made[step.version] = push(repository, files, ("/srv/service.py",), env)
        return made

    def _gateway(self) -> tuple[str, int]:
        """Where the Gateway takes requests, from this machine."""
        found = Node(self.kube.get(f"{gateway.GROUP}/v1", "Gateway", gateway.NAME, gateway.NAMESPACE) or {})
        address = found.at("status", "addresses").first()["value"].text()
        return address, found.at("spec", "listeners").first()["port"].whole()
