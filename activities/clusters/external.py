"""The base of providers whose clusters are created by an external system."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from dataclasses import asdict
from pathlib import Path

from activities.clusters import facts
from activities.clusters import in_cluster as inside
from activities.clusters.processes import ProgressCallback
from activities.core.files import write_atomically
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from domain.clusters import plan
from domain.clusters.access import Access
from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth, condition
from domain.clusters.plan import Item, Phase
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError

OUTSIDE = (Phase.NETWORK, Phase.CONTROL_PLANE, Phase.NODES)
"""Created by one call: their source is stored, since it cannot be read back."""
INSIDE = (Phase.STORAGE, Phase.ADD_ONS, Phase.TENANTS)
FILE = "elsewhere.json"
KUBECONFIG = "kubeconfig"


class ElsewhereProvider(ABC):
    """`root` has a folder for each cluster: the stored request, and the kubeconfig once available."""

    name: str

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, spec: ClusterSpec) -> Path:
        """The folder with the stored request and the kubeconfig."""
        return self.root / spec.name

    def kube(self, spec: ClusterSpec) -> Kube:
        """A client with the fetched kubeconfig; unusable before there is one."""
        return Kube(Access(self.reference(spec)), discovery(self.root, spec.name))

    def reference(self, spec: ClusterSpec) -> str:
        """Empty until there is a kubeconfig."""
        path = self.folder(spec) / KUBECONFIG
        return f"file:{path}" if path.exists() else ""

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Stores the phase, so that `existing` and `undo` know it after a restart."""
        self.folder(spec).mkdir(parents=True, exist_ok=True, mode=0o700)
        if phase in (Phase.CONTROL_PLANE, Phase.NODES):
            self._remember(spec, begun=True)
            self._make(spec, told)
        elif phase in INSIDE or (phase is Phase.NETWORK_PLUGIN and spec.network.plugin != inside.BUILT_IN):
            inside.apply(self.kube(spec), phase, spec)
        if phase in (*OUTSIDE, Phase.NETWORK_PLUGIN):
            self._remember(spec, phase)

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        """An unreachable cluster is still awaited; the reason is its error."""
        if phase is Phase.NETWORK:
            return ""
        if phase is Phase.CONTROL_PLANE:
            return self._unready(spec) or self._kubeconfig(spec)
        try:
            if phase in (Phase.NODES, Phase.VERIFICATION):
                return _nodes(self.kube(spec), spec) or self._usable(phase, spec)
            return inside.missing(self.kube(spec), phase, spec)
        except SluicewayError as broken:
            return broken.why or broken.what

    def _usable(self, phase: Phase, spec: ClusterSpec) -> str:
        return inside.usable(self.kube(spec), spec) if phase is Phase.VERIFICATION else ""

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Objects inside are deleted with the cluster."""
        if phase is Phase.CONTROL_PLANE and self._known(spec).get("begun"):
            self._destroy(spec, told)
            self._remember(spec, begun=False)
        elif phase is Phase.NETWORK:
            shutil.rmtree(self.folder(spec), ignore_errors=True)
            discovery(self.root, spec.name).unlink(missing_ok=True)

    def existing(self, spec: ClusterSpec) -> list[Item]:
        """Stored items outside the cluster, and API objects inside it; sorted by phase."""
        found = [_item(one) for one in Node(self._known(spec))["items"]]
        if self.reference(spec):
            try:
                within = inside.existing(self.kube(spec), spec)
                found += [one for one in within if one.phase in INSIDE]
            except SluicewayError:
                return found  # unreachable right now; health reports it
        return sorted(found, key=lambda one: list(Phase).index(one.phase))

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        """Its folder, and what the external system still has of it."""
        found = [f"folder {self.folder(spec)}"] if self.folder(spec).exists() else []
        return [*found, *self._left(spec)]

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        """`trouble` set while there is no kubeconfig, or the API does not answer."""
        if not self.reference(spec):
            return ClusterHealth(trouble="no kubeconfig yet")
        try:
            return inside.look(self.kube(spec), spec)
        except SluicewayError as broken:
            return ClusterHealth(trouble=broken.why or broken.what)

    def facts(self, spec: ClusterSpec) -> ClusterFacts | None:
        """From its API; None: it does not answer."""
        return facts.of_spec(self.kube(spec), spec) if self.reference(spec) else None

    def revive(self) -> list[str]:
        """Always empty: it has no processes on this machine."""
        return []

    def _known(self, spec: ClusterSpec) -> Manifest:
        try:
            return dict(Node(json.loads((self.folder(spec) / FILE).read_text())).object())
        except (OSError, ValueError):
            return {}

    def _remember(self, spec: ClusterSpec, phase: Phase | None = None, *, begun: bool | None = None) -> None:
        known = self._known(spec)
        if begun is not None:
            known["begun"] = begun
        if phase is not None:
            others = [one.object() for one in Node(known)["items"] if one["phase"].text() != phase]
            known["items"] = others + [asdict(one) for one in plan.items(spec) if one.phase is phase]
        self._write(spec, FILE, json.dumps(known))

    def _write(self, spec: ClusterSpec, name: str, text: str) -> Path:
        """Readable by the engine's user only."""
        path = self.folder(spec) / name
        write_atomically(path, text)
        return path

    @abstractmethod
    def blocker(self, spec: ClusterSpec) -> str:
        """What the external system needs: a program, a connection, a version."""
        ...

    @abstractmethod
    def _make(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Requests the cluster as specified; idempotent."""

    @abstractmethod
    def _unready(self, spec: ClusterSpec) -> str:
        """What it still waits for; empty: its API answers."""

    @abstractmethod
    def _kubeconfig(self, spec: ClusterSpec) -> str:
        """Fetches the kubeconfig; returns why there is none, or empty."""

    @abstractmethod
    def _destroy(self, spec: ClusterSpec, told: ProgressCallback) -> None: ...

    @abstractmethod
    def _left(self, spec: ClusterSpec) -> list[str]:
        """External resources that should be gone."""


def _nodes(kube: Kube, spec: ClusterSpec) -> str:
    """Names of nodes created elsewhere, so that they are counted."""
    ready = sum(condition(one, "Ready") == "True" for one in kube.items("v1", "Node"))
    return f"{ready} of {spec.nodes} nodes are ready" if ready < spec.nodes else ""


def _item(one: Node) -> Item:
    name, state = one["name"].text(), one["state"].text()
    return Item(Phase(one["phase"].text()), one["kind"].text(), name, state, bool(one["replaced"]))
