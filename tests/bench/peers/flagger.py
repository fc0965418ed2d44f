"""Flagger, with Gateway API."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

from activities.supervisor.service import free_port
from domain.core.documents import Node
from tests.bench.peers import objects
from tests.bench.peers.objects import NAMESPACE, SERVICE
from tests.bench.peers.world import World, started, until

API = "flagger.app/v1beta1"
PROGRAMS = ("flagger",)
UNDER_WAY = ("Progressing", "WaitingPromotion", "Promoting", "Finalising")


class Flagger:
    """A Canary over a Deployment, which it copies as the primary."""

    name = "flagger"

    def __init__(self, world: World) -> None:
        self._world = world
        self._begun = False
        """It has noticed the version; before, its phase is that of the one before."""

    async def install(self, end: AsyncExitStack) -> None:
        """Its kinds and its controller."""
        world = self._world
        await world.apply_kinds(world.peers / "flagger-crd.yaml")
        command = [
            str(world.peers / "flagger"),
            f"-kubeconfig={world.kubeconfig}",
            f"-namespace={NAMESPACE}",
            f"-metrics-server={world.prometheus}",
            "-mesh-provider=gatewayapi:v1",
            f"-port={free_port()}",
        ]
        started(command, world.settings.home / "flagger" / "log", {}, end)

    async def first(self) -> None:
        """A healthy version is live."""
        self.change("0", {})
        self._world.kube.apply(objects.metric_template(self._world.prometheus))
        self._world.kube.apply(objects.canary(self._world.gateway))
        await until(lambda: self._in("Initialized", "Succeeded"))

    def change(self, version: str, env: Mapping[str, str]) -> None:
        """Asks for a version."""
        self._begun = False
        self._world.kube.apply(objects.deployment(self._world.image, {"VERSION": version, **env}))

    async def ended(self) -> bool | None:
        """Whether it went back; None while it is under way, or not begun."""
        self._begun = self._begun or await self._in(*UNDER_WAY)
        if not self._begun or not await self._in("Failed", "Succeeded"):
            return None
        return await self._in("Failed")

    async def reset(self, version: str, env: Mapping[str, str]) -> None:
        """After a version that went back, the one before is asked for again: that is a manual rollback to Flagger, which
        begins nothing, since its primary has served that version all along.
        """
        self.change(version, env)

    def remove(self) -> None:
        """Its objects, so that the next tool finds the route free."""
        kube = self._world.kube
        kube.delete(API, "Canary", SERVICE, NAMESPACE)
        for name in (SERVICE, f"{SERVICE}-primary"):
            kube.delete("apps/v1", "Deployment", name, NAMESPACE)
        kube.delete("gateway.networking.k8s.io/v1", "HTTPRoute", SERVICE, NAMESPACE)

    async def _in(self, *phases: str) -> bool:
        found = Node(self._world.kube.get(API, "Canary", SERVICE, NAMESPACE) or {})
        return found.at("status", "phase").text() in phases
