"""The port of a cluster's parts: where they run, and what each tells about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from activities.clusters.processes import program
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.host_node import HostNode
from activities.kubernetes.client import Kube
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Object


@dataclass(frozen=True)
class Site:
    """Where the parts of a cluster run. `nodes`: those that were started."""

    plane: ControlPlane
    spec: ClusterSpec
    nodes: tuple[HostNode, ...]
    kube: Kube

    @property
    def address(self) -> str:
        """Where nodes and pods reach this machine; a part that serves them listens here."""
        return HostNode(self.plane).address(self.spec)

    def port(self, name: str) -> int:
        """A free port of this machine, by a name that is the part's own; chosen once and kept."""
        return self.plane.ports_for([name])[name]

    def folder(self, part: str) -> Path:
        """A folder for a part's files, which goes with the cluster. Only its owner may read it."""
        found = self.plane.folder / "parts" / part
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        return found

    def program(self, name: str, version: str) -> str:
        """The path of a program that deploy/cluster-tools builds.

        Raises:
            SluicewayError: SLW941, it is not built.
        """
        return program(name, self.plane.tools / f"{name}-v{version}")

    def kubeconfig(self, part: str, user: str) -> Path:
        """A kubeconfig in the part's folder; what its user may do is up to the part's objects."""
        self.plane.pki.leaf(f"part-{part}", "ca", user)
        path = self.folder(part) / "kubeconfig"
        self.plane.write_kubeconfig(path, f"part-{part}", self.plane.ports()["api"], self.address)
        return path


@dataclass(frozen=True)
class Process:
    """One process of a part. `port`: where it listens on loopback when ready; 0: it is ready while it runs.

    `node`: the node in whose network it runs, once for each; None: this machine's. `env` changes restart it, so a
    digest of a file that it reads once belongs there.
    """

    name: str
    command: Sequence[str]
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    node: HostNode | None = None


class Part(Protocol):
    """One part. Every call is idempotent; calls block, and raise SluicewayError with the reason."""

    name: str
    """The program's name, as definitions have it; the names of its processes start with it."""

    def blocker(self, site: Site) -> str:
        """What prevents it, before anything is made: a program that is not built. Empty: nothing."""
        ...

    def objects(self, site: Site) -> Sequence[Object]:
        """Its objects in the cluster; they are applied before its processes start, and labelled as its own.

        Definitions of kinds and namespaces come first by themselves, and stay when the part goes while others use them.
        """
        ...

    def processes(self, site: Site) -> Sequence[Process]:
        """What runs. Writes the files that they read."""
        ...

    def unready(self, site: Site) -> str:
        """What it waits for, once its processes are ready. Empty: it does its work."""
        ...

    def clean_up(self, site: Site) -> None:
        """Removes what its processes left in this machine's network when they ended; the API may be gone."""
        ...
