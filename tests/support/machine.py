"""Versions of a sample service as processes behind a real router."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2

from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik, loopback
from activities.releases.targets.local import LocalTarget
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.supervisor.service import free_port
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.deployment import Deployment
from domain.releases.spec import RolloutSpec, Routing
from workers.core.settings import Settings
from workers.demo import load_generator as load
from workers.engine import embedded as engine

SERVICE = Path(__file__).with_name("sample_service.py")


WEB = "web"


def version(
    name: str,
    instance: str,
    routing: Routing | None = None,
    instances: int = 1,
    env: Mapping[str, str] | None = None,
    service: str = WEB,
) -> Deployment:
    spec = DeploySpec(
        service=service,
        version=name,
        command=(sys.executable, str(SERVICE)),
        instances=instances,
        readiness=ProbeSpec("/healthz", 20),
        drain_s=3,
        rollout=RolloutSpec(routing=routing or Routing()),
    )
    return Deployment(service=service, environment="production", instance=instance, spec=spec, env=dict(env or {}))


class Machine(LocalTarget):
    """A platform with its router, or with one that others share, and a client that asks through it for one service."""

    def __init__(self, folder: Path, service: str = WEB, router: Traefik | None = None) -> None:
        self.router = router or Traefik(folder / "router", Ports(free_port(), free_port()))
        self.service = service
        self.folder_ = folder
        super().__init__(
            folder / "services", FolderStore(folder / "store"), Mirrors(folder / "m"), routers(self.router)
        )

    def version(self, name: str, instance: str, routing: Routing | None = None, instances: int = 1) -> Deployment:
        return version(name, instance, routing, instances, service=self.service)

    async def ask(self, path: str = "/", host: str = "", **headers: str) -> httpx2.Response:
        async with loopback() as client:
            url = f"http://127.0.0.1:{self.router.ports.web}{path}"
            named = {"Host": host or f"{self.service}.localhost", **headers}
            return await client.get(url, headers=named, timeout=10)

    async def versions(self, count: int = 40, **headers: str) -> list[str]:
        return [(await self.ask(**headers)).json()["version"] for _ in range(count)]

    @contextmanager
    def under_load(self, rate: float) -> Iterator[list[load.Answer]]:
        file = self.folder_ / "load"
        file.touch()
        command = [
            sys.executable,
            "-m",
            "workers.demo.load_generator",
            str(self.router.ports.web),
            f"{self.service}.localhost",
            str(rate),
            str(file),
        ]
        process = subprocess.Popen(command)
        answers: list[load.Answer] = []
        try:
            yield answers
        finally:
            process.terminate()
            process.wait()
            answers += load.read(file)

    def loaded(self) -> list[load.Answer]:
        return load.read(self.folder_ / "load")

    def answered(self) -> int:
        """How many requests of the load so far, counted without reading them."""
        return (self.folder_ / "load").read_bytes().count(b"\n")


@asynccontextmanager
async def on_a_machine(folder: Path, service: str = WEB, router: Traefik | None = None) -> AsyncIterator[Machine]:
    yield Machine(folder, service, router)
    engine.down(Settings(folder, folder))


async def two(machine: Machine, routing: Routing | None = None) -> tuple[Deployment, Deployment]:
    old, new = machine.version("1", "r1"), machine.version("2", "r2", routing)
    await asyncio.gather(machine.start(old), machine.start(new))
    await machine.route(old)
    return old, new
