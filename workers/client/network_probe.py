"""Tests network isolation: one pod that listens, and two that connect, as ordinary pod workflows."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from activities.kubernetes.client import Kube
from domain.clusters.access import Access
from domain.clusters.network_probe import Reached
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import ENDED, PodPhase
from workers.client.clusters import Clusters
from workflows.pods.messages import PodInput

PORT = 8080
ANSWERS = f"httpd -f -p {PORT} -h /tmp"
LIMIT_S = 120.0
POLL_S = 0.2


@dataclass(frozen=True)
class Probe:
    """`image` needs a shell, httpd and nc, like busybox."""

    clusters: Clusters
    kube: Kube
    cluster: str
    access: Access
    image: str

    async def run(self, namespace: str, elsewhere: str) -> Reached:
        """Runs the probe.

        Raises:
            SluicewayError: SLW959, the listening pod does not run.
        """
        name = f"probe-{secrets.token_hex(3)}"
        answering = await self.clusters.start_pod(self._input(namespace, name, ANSWERS))
        try:
            address = await self._address(answering, namespace, name)
            ask = f"nc -w 5 {address} {PORT} </dev/null"
            near = await self.clusters.start_pod(self._input(namespace, f"{name}-near", ask))
            neighbour = await self.clusters.pod_result(near)
            far = await self.clusters.start_pod(self._input(elsewhere, f"{name}-far", ask))
            stranger = await self.clusters.pod_result(far)
        finally:
            await self.clusters.end_pod(answering)
            await self.clusters.pod_result(answering)
        return Reached(neighbour.phase is PodPhase.SUCCEEDED, stranger.phase is PodPhase.SUCCEEDED)

    def _input(self, namespace: str, name: str, command: str) -> PodInput:
        manifest = pod_manifest.manifest(PodSpec(self.image, ("/bin/sh", "-c", command)))
        spec: Manifest = {**Node(manifest)["spec"].object(), "terminationGracePeriodSeconds": 1}
        return PodInput(self.access, self.cluster, namespace, name, {**manifest, "spec": spec}, timeout_s=LIMIT_S)

    async def _address(self, id_: str, namespace: str, name: str) -> str:
        async with asyncio.timeout(LIMIT_S):
            while True:
                view = await self.clusters.pod(id_)
                if view.phase in ENDED:
                    raise SluicewayError("SLW959", f"pod {namespace}/{name} does not answer", why=view.reason)
                if view.phase is PodPhase.RUNNING:
                    found = await asyncio.to_thread(self.kube.get, "v1", "Pod", name, namespace)
                    return Node(found).at("status", "podIP").text()
                await asyncio.sleep(POLL_S)
