"""Clusters created elsewhere: read only. Nothing is created in or removed from them, but what requests brought."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from activities.clusters import facts, request_objects
from activities.clusters import in_cluster as inside
from activities.clusters.processes import ProgressCallback
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.kubernetes.impersonation import CAPABILITY, capability
from domain.clusters.access import IN_CLUSTER, Access
from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth
from domain.clusters.plan import Item, Phase
from domain.clusters.spec import ClusterSpec
from domain.core.errors import SluicewayError


class RegisteredProvider:
    """`connection.kubeconfig` is a reference (`file:PATH` or `in-cluster`), `connection.context` its context.

    Of one that dials out (`dials-out`) nothing is asked from here: what its own worker tells is in the inventory.
    """

    def __init__(self, root: Path, home: Callable[[], str] = lambda: "") -> None:
        """`home`: of this installation, as objects name it."""
        self.root, self.home = root, home

    def kube(self, spec: ClusterSpec) -> Kube:
        """A client for the registered reference and context."""
        return Kube(Access(self.reference(spec), spec.context), discovery(self.root, spec.name))

    def reference(self, spec: ClusterSpec) -> str:
        """As registered; by default the cluster that the worker runs in."""
        return spec.connection.get("kubeconfig", IN_CLUSTER)

    def blocker(self, spec: ClusterSpec) -> str:
        """A kubeconfig that the worker cannot read, or an API that does not answer."""
        if spec.dials_out:
            return ""
        path = Path(self.reference(spec).removeprefix("file:"))
        if self.reference(spec) != IN_CLUSTER and not os.access(path, os.R_OK):
            return f"the worker cannot read {path}"
        return self._unreachable(spec)

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        """Only verification waits, for the API to answer."""
        return self._unreachable(spec) if phase is Phase.VERIFICATION and not spec.dials_out else ""

    def _unreachable(self, spec: ClusterSpec) -> str:
        try:
            self.kube(spec).raw("/readyz")
        except SluicewayError as broken:
            return f"{broken.what}: {broken.why}" if broken.why else broken.what
        return ""

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Does nothing: the cluster is managed elsewhere."""

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Takes back what requests have changed for a time, since nobody is here to do it later, and removes the cached
        discovery. A cluster that does not answer any more is forgotten all the same.
        """
        if phase is Phase.TENANTS and not spec.dials_out:
            with contextlib.suppress(SluicewayError):
                for left in request_objects.forgotten(self.kube(spec), spec.name, self.home()):
                    told(f"{left} stays as it is")
        with contextlib.suppress(OSError):  # only a cache
            discovery(self.root, spec.name).unlink(missing_ok=True)

    def existing(self, spec: ClusterSpec) -> list[Item]:
        """Always empty: nothing in it was created here."""
        return []

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        """Always empty: nothing in it was created here."""
        return []

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        """Without expected nodes: none were planned."""
        if spec.dials_out:
            return ClusterHealth()
        try:
            kube = self.kube(spec)
            found = inside.look(kube)
            told = {CAPABILITY: capability(kube)} if spec.impersonates else {}
            return replace(found, capabilities={**found.capabilities, **told})
        except SluicewayError as broken:
            return ClusterHealth(trouble=broken.why or broken.what)

    def facts(self, spec: ClusterSpec) -> ClusterFacts | None:
        """From its API; None: it does not answer, or dials out."""
        return None if spec.dials_out else facts.of_spec(self.kube(spec), spec)

    def revive(self) -> list[str]:
        """Always empty: it has no processes on this machine."""
        return []
