"""Clusters that somebody else made: they are reached and looked at. Nothing is made in them, and nothing removed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from activities.clusters import in_cluster as inside
from activities.clusters.processes import ProgressCallback
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from domain.clusters.access import IN_CLUSTER, Access
from domain.clusters.health import ClusterHealth
from domain.clusters.plan import Item, Phase
from domain.clusters.spec import ClusterSpec
from domain.core.errors import SluicewayError


class RegisteredProvider:
    """`connection.kubeconfig` is a reference (`file:PATH` or `in-cluster`), `connection.context` a context of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def kube(self, spec: ClusterSpec) -> Kube:
        return Kube(Access(self.reference(spec), spec.context), discovery(self.root, spec.name))

    def reference(self, spec: ClusterSpec) -> str:
        return spec.connection.get("kubeconfig", IN_CLUSTER)

    def blocker(self, spec: ClusterSpec) -> str:
        path = Path(self.reference(spec).removeprefix("file:"))
        if self.reference(spec) != IN_CLUSTER and not os.access(path, os.R_OK):
            return f"the worker cannot read {path}"
        return self._unreachable(spec)

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        return self._unreachable(spec) if phase is Phase.VERIFICATION else ""

    def _unreachable(self, spec: ClusterSpec) -> str:
        try:
            self.kube(spec).raw("/readyz")
        except SluicewayError as broken:
            return f"{broken.what}: {broken.why}" if broken.why else broken.what
        return ""

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """It is not ours to change."""

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        with contextlib.suppress(OSError):  # no more than a cache
            discovery(self.root, spec.name).unlink(missing_ok=True)

    def existing(self, spec: ClusterSpec) -> list[Item]:
        return []

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        return []

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        try:
            return inside.look(self.kube(spec))
        except SluicewayError as broken:
            return ClusterHealth(trouble=broken.why or broken.what)

    def revive(self) -> list[str]:
        return []
