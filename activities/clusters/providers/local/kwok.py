"""A real control plane with nodes and pods simulated by kwok: hundreds of nodes in seconds, many clusters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from activities.clusters.processes import ProgressCallback, program
from activities.clusters.providers.local.control_plane import LOOPBACK
from activities.clusters.providers.local.provider import LocalProvider
from activities.kubernetes.client import Kube
from domain.clusters import manifests, metadata
from domain.clusters.spec import ClusterSpec, node_names
from domain.core.errors import SluicewayError

VERSION = "0.8.0"
STAGES = Path(__file__).with_name("kwok_stages.yaml")
AT_ONCE = 8


class KwokProvider(LocalProvider):
    """Supports many clusters on one machine."""

    name = "kwok"

    def _programs(self, spec: ClusterSpec) -> str:
        try:
            self._kwok()
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        return ""

    def _kwok(self) -> tuple[str, Path]:
        folder = self.tools / f"kwok-v{VERSION}"
        return program("kwok", folder), folder / "stages.yaml"

    def _start_nodes(self, spec: ClusterSpec, kube: Kube, told: ProgressCallback) -> None:
        plane = self.plane(spec.name)
        kwok, stages = self._kwok()
        port = plane.ports()["kwok"]
        plane.components.start(
            "kwok",
            [
                kwok,
                f"--kubeconfig={plane.kubeconfig}",
                "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
                f"--config={stages}",
                f"--config={STAGES}",
                "--node-lease-duration-seconds=40",
                f"--server-address={LOOPBACK}:{port}",
                f"--node-ip={LOOPBACK}",  # a request for logs is refused at once, rather than timing out
                f"--node-port={port}",
            ],
            port,
        )
        have = {metadata.name(one) for one in kube.items("v1", "Node")}
        new = [manifests.simulated(*one) for one in node_names(spec) if one[1] not in have]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done, _ in enumerate(pool.map(kube.create, new), 1):
                told(f"{done} of {len(new)} nodes created")
        plane.components.wait("kwok", told)

    def _end_node(self, spec: ClusterSpec, name: str, told: ProgressCallback) -> None:
        """A simulated node is only an object."""

    def _stop_nodes(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        self.plane(spec.name).components.stop("kwok")

    def _make_network(self, spec: ClusterSpec) -> None:
        """Nothing to do: simulated pods have addresses without traffic."""

    def _remove_network(self, spec: ClusterSpec) -> None: ...

    def _leftover_links(self, spec: ClusterSpec) -> list[str]:
        return []
