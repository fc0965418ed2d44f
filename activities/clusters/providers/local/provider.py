"""The base of this machine's providers: a control plane of real programs, and its nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path

from activities.clusters import facts
from activities.clusters import in_cluster as inside
from activities.clusters.node_drain import drain
from activities.clusters.processes import ProgressCallback
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from domain.clusters import audit_log, plan
from domain.clusters.access import Access
from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth
from domain.clusters.plan import Item, Phase
from domain.clusters.spec import ClusterSpec, node_names
from domain.core.errors import SluicewayError

INSIDE = (Phase.STORAGE, Phase.ADD_ONS, Phase.TENANTS)


class LocalProvider(ABC):
    """`root` has a folder for each cluster; `tools`: folder with the built programs."""

    name: str

    def __init__(self, root: Path, tools: Path) -> None:
        self.root, self.tools = root, tools

    def plane(self, name: str) -> ControlPlane:
        """The control plane of a cluster by name; it need not exist."""
        return ControlPlane(self.root / name, self.tools, name)

    def kube(self, name: str) -> Kube:
        """A client with the administrator's kubeconfig."""
        return Kube(Access(f"file:{self.plane(name).kubeconfig}"), discovery(self.root, name))

    def reference(self, spec: ClusterSpec) -> str:
        return f"file:{self.plane(spec.name).kubeconfig}"

    def blocker(self, spec: ClusterSpec) -> str:
        """Supports containerd only; checks the programs and the spec's needs inside the cluster."""
        if spec.runtime != "containerd":
            return f"this provider runs containerd, but {spec.runtime} is requested"
        return self.plane(spec.name).blocker(spec) or self._programs(spec) or inside.blocker(spec)

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Records each phase in `cluster.json`, for `existing`."""
        plane = self.plane(spec.name)
        if phase is Phase.NETWORK:
            self._make_network(spec)
            net = spec.network
            plane.remember(provider=self.name, network=f"pods {net.pods}, services {net.services}, nodes {net.nodes}")
        elif phase is Phase.CONTROL_PLANE:
            plane.start(spec, told, self._address(spec))
            plane.remember(version=spec.version, audit=audit_log.state(spec.connection))
        elif phase is Phase.NODES:
            self._nodes(spec, told)
        elif phase is Phase.NETWORK_PLUGIN:
            inside.apply(self.kube(spec.name), phase, spec)
            plane.remember(plugin=spec.network.plugin)
        elif phase in INSIDE:
            inside.apply(self.kube(spec.name), phase, spec)

    def _nodes(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Removes nodes first, to make room for new ones."""
        kube = self.kube(spec.name)
        for name in inside.surplus_nodes(kube, spec):
            told(f"removes node {name}")
            kube.patch("v1", "Node", name, {"spec": {"unschedulable": True}})
            drain(kube, name, told)
            self._end_node(spec, name, told)
            kube.delete("v1", "Node", name)
        self._start_nodes(spec, kube, told)

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        """A killed server is awaited: its supervisor restarts it."""
        if phase is Phase.NETWORK:
            return ""
        if phase is Phase.CONTROL_PLANE and not self.plane(spec.name).running():
            return "some programs of the control plane are not running"
        try:
            return inside.missing(self.kube(spec.name), phase, spec)
        except SluicewayError as broken:  # the server was killed: its supervisor restarts it
            return broken.why or broken.what

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Objects inside are deleted with the control plane; the folder goes last, with the network."""
        if phase is Phase.NODES:
            self._stop_nodes(spec, told)
        elif phase is Phase.CONTROL_PLANE:
            told("stops the control plane")
            self.plane(spec.name).stop()
        elif phase is Phase.NETWORK:
            self._remove_network(spec)
            self.plane(spec.name).remove()
            discovery(self.root, spec.name).unlink(missing_ok=True)

    def existing(self, spec: ClusterSpec) -> list[Item]:
        """From `cluster.json`, and the API while the control plane runs; sorted by phase."""
        known = self.plane(spec.name).state()
        found = []
        if known["network"]:
            found.append(Item(Phase.NETWORK, "network", spec.name, known["network"].text()))
        if "version" in known.object():
            version = plan.control_plane_state(known["version"].text(), known["audit"].text())
            found.append(Item(Phase.CONTROL_PLANE, "control-plane", spec.name, version))
        within = list(inside.existing(self.kube(spec.name), spec)) if self.plane(spec.name).running() else []
        if known["plugin"]:
            within.append(Item(Phase.NETWORK_PLUGIN, "network-plugin", known["plugin"].text()))
        return found + sorted(within, key=lambda item: list(plan.Phase).index(item.phase))

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        """Processes, the folder, and kernel resources."""
        plane = self.plane(spec.name)
        found = [f"process {pid}" for pid in plane.components.processes()]
        found += [f"folder {plane.folder}"] if plane.folder.exists() else []
        return found + self._leftover_links(spec)

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        """Compares the nodes with those that the spec names."""
        try:
            found = inside.look(self.kube(spec.name), spec, [name for _, name, _ in node_names(spec)])
        except SluicewayError as broken:
            return ClusterHealth(trouble=broken.why or broken.what)
        return replace(found, drift=(*self._drift(spec), *found.drift)[: inside.DRIFT_SHOWN])

    def facts(self, spec: ClusterSpec) -> ClusterFacts | None:
        """From its API; None: it does not answer."""
        return facts.of_spec(self.kube(spec.name), spec)

    def _drift(self, spec: ClusterSpec) -> list[str]:
        """What the machine lacks of the cluster, as text; healing brings it back."""
        return []

    def revive(self) -> list[str]:
        """Restarts dead supervisors of its clusters' programs."""
        names = [one.parent.name for one in self.root.glob("*/cluster.json") if self._is_mine(one.parent)]
        return [f"{part} of {name}" for name in names for part in self.plane(name).components.revive()]

    def _is_mine(self, folder: Path) -> bool:
        known = ControlPlane(folder, self.tools, folder.name).state()
        return known["provider"].text() == self.name

    def _address(self, spec: ClusterSpec) -> str:
        """Where nodes reach the API, if not on loopback."""
        return ""

    @abstractmethod
    def _programs(self, spec: ClusterSpec) -> str: ...

    @abstractmethod
    def _start_nodes(self, spec: ClusterSpec, kube: Kube, told: ProgressCallback) -> None: ...

    @abstractmethod
    def _end_node(self, spec: ClusterSpec, name: str, told: ProgressCallback) -> None:
        """Removes a node's resources on this machine."""
        ...

    @abstractmethod
    def _stop_nodes(self, spec: ClusterSpec, told: ProgressCallback) -> None: ...

    @abstractmethod
    def _make_network(self, spec: ClusterSpec) -> None: ...

    @abstractmethod
    def _remove_network(self, spec: ClusterSpec) -> None: ...

    @abstractmethod
    def _leftover_links(self, spec: ClusterSpec) -> list[str]: ...
