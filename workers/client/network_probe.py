"""Tests network isolation: one pod that listens, and two that connect, as ordinary pod workflows."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Container
from dataclasses import dataclass, field

from activities.kubernetes.client import Kube
from domain.clusters.access import Access
from domain.clusters.network_probe import Reached
from domain.clusters.pending import is_unpullable
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import ENDED, PodPhase
from workers.client.clusters import Clusters
from workflows.pods.messages import PodInput, PodResult

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
    _begun: list[str] = field(default_factory=list)

    async def run(self, namespace: str, elsewhere: str) -> Reached:
        """Runs the probe. Whatever happens, none of its pods stays.

        Raises:
            SluicewayError: SLW959, a pod does not run: nothing is known then, least of all that it was kept out.
        """
        name = f"probe-{secrets.token_hex(3)}"
        try:
            answering = await self._start(namespace, name, ANSWERS)
            await self._until(answering, (PodPhase.RUNNING,))
            address = await self._address(namespace, name)
            ask = f"nc -w 5 {address} {PORT} </dev/null"
            neighbour = await self._succeeds(namespace, f"{name}-near", ask)
            return Reached(neighbour, await self._succeeds(elsewhere, f"{name}-far", ask))
        finally:
            for id_ in self._begun:
                with contextlib.suppress(SluicewayError):  # it has ended
                    await self.clusters.end_pod(id_)
                    await self.clusters.pod_result(id_)

    async def _start(self, namespace: str, name: str, command: str) -> str:
        manifest = pod_manifest.manifest(PodSpec(self.image, ("/bin/sh", "-c", command)))
        spec: Manifest = {**Node(manifest)["spec"].object(), "terminationGracePeriodSeconds": 1}
        wish = PodInput(self.access, self.cluster, namespace, name, {**manifest, "spec": spec}, timeout_s=LIMIT_S)
        self._begun.append(await self.clusters.start_pod(wish))
        return self._begun[-1]

    async def _succeeds(self, namespace: str, name: str, command: str) -> bool:
        """Whether the command of a pod ends with 0, once it has run."""
        id_ = await self._start(namespace, name, command)
        await self._until(id_, ENDED)
        result = await self.clusters.pod_result(id_)
        if result.exit_code < 0:
            raise _silent(id_, result.reason)
        return result.phase is PodPhase.SUCCEEDED

    async def _until(self, id_: str, wanted: Container[PodPhase]) -> PodResult:
        """Waits until a pod is in one of the phases; one that has ended, or cannot start, is in no other."""
        view = await self.clusters.pod(id_)
        try:
            async with asyncio.timeout(LIMIT_S):
                while view.phase not in wanted:
                    if view.phase in ENDED or is_unpullable(view.reason):
                        raise _silent(id_, view.reason)
                    await asyncio.sleep(POLL_S)
                    view = await self.clusters.pod(id_)
        except TimeoutError as late:
            raise _silent(
                id_, f"it is {view.phase} after {LIMIT_S:g} s: {view.reason or 'no reason is known'}"
            ) from late
        return view

    async def _address(self, namespace: str, name: str) -> str:
        found = await asyncio.to_thread(self.kube.get, "v1", "Pod", name, namespace)
        return Node(found).at("status", "podIP").text()


def _silent(id_: str, why: str) -> SluicewayError:
    fix = "name an image that the nodes have or can pull: --image IMAGE" if is_unpullable(why) else ""
    return SluicewayError("SLW959", f"{id_} does not answer", why=why, fix=fix)
