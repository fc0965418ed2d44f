"""Argo Rollouts, with its plug-in for Gateway API."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

from domain.core.documents import Node
from tests.bench.peers import objects
from tests.bench.peers.objects import NAMESPACE, SERVICE
from tests.bench.peers.world import World, started, until

API = "argoproj.io/v1alpha1"
PROGRAMS = ("rollouts-controller", "gatewayapi-plugin")


class ArgoRollouts:
    """A Rollout with an analysis in the background."""

    name = "argo-rollouts"

    def __init__(self, world: World) -> None:
        self._world = world

    async def install(self, end: AsyncExitStack) -> None:
        """Its kinds and its controller."""
        world = self._world
        kube, peers = world.kube, world.peers
        for file in sorted((peers / "argo-crds").glob("*-crd.yaml")):
            await world.apply_kinds(file)
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argo-rollouts"}})
        kube.apply(objects.plugin_config(str(peers / "gatewayapi-plugin")))
        secret = {"name": "argo-rollouts-notification-secret", "namespace": "argo-rollouts"}
        kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": secret})
        command = [str(peers / "rollouts-controller"), "--leader-elect=false"]
        env = {"KUBECONFIG": world.kubeconfig, "POD_NAMESPACE": "argo-rollouts"}
        started(command, world.settings.home / "argo" / "log", env, end)

    async def first(self) -> None:
        """A healthy version is live."""
        kube = self._world.kube
        stable, canary = f"{SERVICE}-stable", f"{SERVICE}-canary"
        for one in (stable, canary):
            kube.apply(objects.service(one))
        kube.apply(objects.route(self._world.gateway, stable, canary))
        kube.apply(objects.analysis_template(self._world.prometheus))
        self.change("0", {})
        await until(self._healthy)

    def change(self, version: str, env: Mapping[str, str]) -> None:
        """Asks for a version."""
        self._world.kube.apply(objects.rollout(self._world.image, {"VERSION": version, **env}))

    async def ended(self) -> bool | None:
        """Whether it went back; None while it is under way."""
        status = self._status()
        if status["abort"].value or status["phase"].text() == "Degraded":
            return True
        return False if await self._healthy() else None

    async def reset(self, version: str, env: Mapping[str, str]) -> None:
        """After a version that went back, the one before is asked for again: it is live at once."""
        self.change(version, env)
        await until(self._healthy)

    def remove(self) -> None:
        """Its objects, so that the next tool finds the route free."""
        kube = self._world.kube
        kube.delete(API, "Rollout", SERVICE, NAMESPACE)
        kube.delete("gateway.networking.k8s.io/v1", "HTTPRoute", SERVICE, NAMESPACE)

    def _status(self) -> Node:
        return self._found()["status"]

    def _found(self) -> Node:
        return Node(self._world.kube.get(API, "Rollout", SERVICE, NAMESPACE) or {})

    async def _healthy(self) -> bool:
        found = self._found()
        status = found["status"]
        seen = status["observedGeneration"].text() == str(found.at("metadata", "generation").whole())
        settled = status["currentPodHash"].text() == status["stableRS"].text()
        return seen and settled and status["phase"].text() == "Healthy"
