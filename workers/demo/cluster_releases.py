"""The demo's releases to real clusters in waves: versions by canary and blue-green through Gateways, under load."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from activities.clusters.providers.local.parts.docker_registry import SHARED
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
from workers.demo.load import Counts, Load
from workers.demo.service_image import push
from workers.views.output import out
from workers.worker.client_wiring import command_parts

EXAMPLE = Path(__file__).parents[2] / "pipeline_defs" / "examples" / "releases-in-a-cluster"
SERVICE, HOST, PER_S = "shop", "shop.example.test", 100
"""Requests a second to each cluster."""
QUICK = "analysis: {tick: 1s, min-dwell: 5s, first-weight: 10, warm-up: 5s}"
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
    """Releases the steps one after the other. `wrong`: expectations that did not hold; `facts`: for the summary.

    `kubes`: by name of the clusters, as the example's environment has them.
    """

    settings: Settings
    engine: Engine
    kubes: Mapping[str, Kube]
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
        loads = {name: await asyncio.to_thread(self._load, name) for name in self.kubes}
        began = time.time()
        try:
            for number, step in enumerate(STEPS):
                await self._release(step, images[step.version], loads)
                if not number:  # before the first version there is nobody to ask
                    began = time.time()
                    for load in loads.values():
                        load.at(PER_S)
            next(iter(loads.values())).settle()
        finally:
            for load in loads.values():
                load.stop()
        self._count([load.counts(began, time.time(), "3") for load in loads.values()])

    def _count(self, every: list[Counts]) -> None:
        requests, injected = sum(one.requests for one in every), sum(one.injected for one in every)
        lost = sum(one.failed for one in every) - injected
        out(f"  {requests:,} requests: {lost} lost, {injected} answered 500 by the bad version")
        if lost:
            self.wrong.append(f"{lost} of {requests} requests to the clusters were lost")
        where = f"{len(self.kubes)} clusters in waves"
        self.facts.append(f"{len(STEPS)} versions released to {where}, {lost} of {requests:,} requests lost")

    async def _release(self, step: Step, image: str, loads: Mapping[str, Load]) -> None:
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
        for name, load in loads.items():
            if (answered := load.ask()) != step.live:
                self.wrong.append(f"after version {step.version} {name} answers with {answered or 'nothing'}")

    def _definition(self, step: Step) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        text = (EXAMPLE / "shop.yaml").read_text()
        (self._folder / "shop.yaml").write_text(text.replace("strategy: canary", f"strategy: {step.strategy}"))
        return self._folder / "shop.yaml"

    def _images(self) -> dict[str, str]:
        """Pushes an image of each version to each cluster's registry; returns the name that all of them know."""
        files = {"srv/service.py": Path(faulty_service.__file__).read_bytes()}
        made = {}
        for kube in self.kubes.values():
            told = kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE)
            repository = f"{image_registry.host_of(told or {})}/{SERVICE}"
            for step in STEPS:
                env = {"VERSION": step.version, "PYTHONHOME": sys.base_prefix, **step.env}
                pushed = push(repository, files, ("/srv/service.py",), env)
                made[step.version] = pushed.replace(repository, f"{SHARED}/{SERVICE}")
        return made

    def _load(self, name: str) -> Load:
        """A client of the cluster's Gateway, where it says that it takes requests."""
        found = Node(self.kubes[name].get(f"{gateway.GROUP}/v1", "Gateway", gateway.NAME, gateway.NAMESPACE) or {})
        address = found.at("status", "addresses").first()["value"].text()
        port = found.at("spec", "listeners").first()["port"].whole()
        return Load(port, HOST, self._folder / f"load-{name}", address)
