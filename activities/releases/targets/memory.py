"""A target in memory, for tests and dry runs. Versions can be made to fail in every way."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from activities.releases.port import NotReadyError, Verified
from activities.scans.dast import DastResult
from domain.releases.deployment import Deployment
from domain.releases.spec import Check, DastSpec
from domain.releases.traffic_baseline import Baseline


class MemoryTarget:
    """Versions in its sets fail; `actions` lists the calls in order."""

    def __init__(self) -> None:
        self.running: dict[str, dict[str, int]] = defaultdict(dict)
        """Service to instance to its processes."""
        self.routes: dict[str, str] = {}
        self.weights: dict[str, dict[str, float]] = defaultdict(dict)
        self.previews: dict[str, str] = {}
        self.actions: list[str] = []
        self.never_ready: set[str] = set()
        """Versions, as the definition names them."""
        self.stuck: set[str] = set()
        """Versions whose start blocks until it is cancelled."""
        self.lingering: dict[str, asyncio.Event] = {}
        """Versions whose stop blocks until an event is set."""
        self.complaints: dict[str, str] = {}
        """Version to the result of its checks."""
        self.gave_way: dict[str, str] = {}
        """Service to the DAST result of its preview address."""
        self.drifted: dict[str, list[str]] = {}
        """Version to its drift."""
        self.leaking: set[str] = set()
        """Versions that keep getting traffic."""
        self.unreachable: set[str] = set()
        """Versions that get no requests after the switch."""
        self.baselines: dict[str, Baseline] = {}
        """Service to its traffic history."""

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Fails for versions in `never_ready`; for those in `stuck`, blocks until cancelled."""
        self.actions.append(f"start {deployment.instance}")
        if deployment.spec.version in self.never_ready:
            raise NotReadyError("SLW864", f"version {deployment.spec.version} was not ready")
        self.running[deployment.service][deployment.instance] = instances or deployment.spec.instances
        if deployment.spec.version in self.stuck:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.actions.append(f"cancelled {deployment.instance}")
                raise

    async def scale(self, deployment: Deployment, instances: int) -> str:
        self.actions.append(f"scale {deployment.instance} {instances or deployment.spec.instances}")
        self.running[deployment.service][deployment.instance] = instances or deployment.spec.instances
        return ""

    async def route(self, deployment: Deployment) -> str:
        self.actions.append(f"route {deployment.instance}")
        self.routes[deployment.service] = deployment.instance
        self.weights[deployment.service] = {deployment.instance: 100.0}
        return f"memory://{deployment.service}"

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        self.actions.append(f"shift {deployment.instance} {percent:g}")
        self.weights[deployment.service] = {deployment.instance: percent, other.instance: 100.0 - percent}
        return f"memory://{deployment.service}"

    async def judged(self, address: str, spec: DastSpec) -> DastResult:
        """Implements the port Dast, too."""
        self.actions.append(f"attack {address}")
        found = self.gave_way.get(address.rpartition(".")[2], "")
        return DastResult(not found, found, "0" * 64)

    async def preview(self, deployment: Deployment) -> str:
        self.actions.append(f"preview {deployment.instance}")
        self.previews[deployment.service] = deployment.instance
        return f"memory://preview.{deployment.service}"

    async def check(self, deployment: Deployment, check: Check) -> str:
        """Returns `complaints` of the version."""
        return self.complaints.get(deployment.spec.version, "")

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """Without waiting; as `unreachable` and `leaking` say."""
        new = 0 if deployment.spec.version in self.unreachable else 10
        return Verified(new, 3 if other.spec.version in self.leaking else 0, seconds)

    async def stop(self, deployment: Deployment) -> str:
        """Versions in `lingering` wait for their event."""
        self.actions.append(f"stop {deployment.instance}")
        if deployment.spec.version in self.lingering:
            await self.lingering[deployment.spec.version].wait()
        self.running[deployment.service].pop(deployment.instance, None)
        return ""

    async def drift(self, deployment: Deployment) -> list[str]:
        """Returns `drifted` of the version."""
        return self.drifted.get(deployment.spec.version, [])

    async def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        """Returns `baselines` of the service, or an hour of 50 requests a second."""
        return self.baselines.get(deployment.service, Baseline(50.0, 0.25, 0.4, {}, 3600))
