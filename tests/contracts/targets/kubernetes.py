"""The target kubernetes over an API server in memory, with a router that is there in memory only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.router_counters import Counters
from activities.releases.routers.port import Answer, Backend, Drained
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Object
from domain.releases.capabilities import Capability
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.place import KubernetesSpec, Place

BROKEN = "registry.example/web:broken"
PLACE = Place(cluster="edge", namespace="shop", gateway="infra/public", host="{service}.example")


class TableRouter:
    """Keeps who has which share; `told` has every change in order."""

    capabilities = frozenset(Capability)

    def __init__(self) -> None:
        self.weights: dict[str, float] = {}
        self.backends: dict[str, Backend] = {}
        self.told: list[str] = []
        self.answered: dict[str, float] = {}
        self.asked: Callable[[str], None] = lambda instance: None
        """What a request to a version does."""

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        return f"http://{'preview.' if preview else ''}{deployment.service}.example"

    async def send_all(self, backend: Backend) -> None:
        self._knows(backend)
        self.weights = {**dict.fromkeys(self.weights, 0.0), backend.deployment.instance: 100.0}
        self.told.append(f"all to {backend.deployment.instance}")
        self._ask()

    async def split(self, backend: Backend, other: Backend, percent: float) -> None:
        self._knows(backend, other)
        self.weights = {backend.deployment.instance: percent, other.deployment.instance: 100.0 - percent}
        self.told.append(f"{percent:g} % to {backend.deployment.instance}")
        self._ask()

    async def preview(self, backend: Backend) -> None:
        self._knows(backend)

    async def update(self, backend: Backend) -> None:
        if backend.deployment.instance in self.backends:
            self._knows(backend)

    async def remove(self, deployment: Deployment) -> Backend | None:
        if self.weights.get(deployment.instance) == 100.0:
            return None
        self.weights.pop(deployment.instance, None)
        if deployment.instance in self.backends:
            self.told.append(f"without {deployment.instance}")
        return self.backends.pop(deployment.instance, None)

    async def take_over(self, backend: Backend, former: Object | None) -> None:
        await self.send_all(backend)

    async def hand_back(self, deployment: Deployment, former: Object | None) -> None:
        self.weights, self.backends = {}, {}
        self.told.append("handed back")

    async def refusals(self, deployment: Deployment) -> list[str]:
        return []

    async def drift(self, deployment: Deployment) -> list[str]:
        return []

    async def drained(self, backend: Backend, limit_s: float) -> Drained:
        self.told.append(f"drained {backend.deployment.instance}")
        return Drained()

    def _ask(self) -> None:
        for instance, weight in self.weights.items():
            if weight:
                self.asked(instance)

    async def counters(self, *deployments: Deployment) -> list[Counters]:
        return [Counters({"all": self.answered.get(one.instance, 0.0)}) for one in deployments]

    async def get(self, address: str, path: str) -> Answer:
        self._ask()
        for instance, weight in self.weights.items():
            self.answered[instance] = self.answered.get(instance, 0.0) + weight
        return Answer(200, "it works")

    def _knows(self, *backends: Backend) -> None:
        self.backends |= {one.deployment.instance: one for one in backends}


@asynccontextmanager
async def kubernetes(folder: Path) -> AsyncIterator[KubernetesTarget]:
    kube = MemoryObjects(waiting={BROKEN: "CrashLoopBackOff"}, output={BROKEN: "no config"})
    yield KubernetesTarget(lambda name: kube, FolderStore(folder / "store"), {"gateway-api": TableRouter()})
    assert not [key for key in kube.every() if key.startswith(("Pod/", "Deployment/"))]


def in_cluster(version: str, instance: str, *, place: Place = PLACE, instances: int = 2) -> Deployment:
    spec = DeploySpec(
        service="web",
        version=version,
        image=f"registry.example/web:{version}",
        instances=instances,
        readiness=ProbeSpec("/", 20 if version != "broken" else 1),
        drain_s=1,
        target="kubernetes",
        router="gateway-api",
        kubernetes=KubernetesSpec(place=place),
    )
    return Deployment(service="web", environment="production", instance=instance, spec=spec)
