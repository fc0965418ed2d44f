"""Clusters of the Cluster API: a Cluster with a topology is applied to a management cluster, its conditions watched.

`connection.management` is the kubeconfig of the management cluster (`secret:NAME`, `in-cluster`, or by hand
`file:PATH`), `connection.class` a ClusterClass there; `namespace`, `control-planes` and `worker-class` have defaults.

Source: https://cluster-api.sigs.k8s.io/ (topology, conditions, the secret NAME-kubeconfig)
"""

from __future__ import annotations

import base64
import time
from pathlib import Path

from activities.clusters import in_cluster as inside
from activities.clusters.external import KUBECONFIG, ElsewhereProvider
from activities.clusters.processes import ProgressCallback
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.kubernetes.inert import inert
from activities.secrets.broker import Broker, closed
from domain.clusters import metadata, topology
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.secrets.reference import SETTING

GOING_S = 300.0
POLL_S = 0.3


class ClusterApiProvider(ElsewhereProvider):
    """Applies objects to the management cluster, and reads the new cluster's kubeconfig there."""

    name = "cluster-api"

    def __init__(self, root: Path, secrets: Broker | None = None) -> None:
        super().__init__(root)
        self._secrets = secrets or closed()

    def management(self, spec: ClusterSpec) -> Kube:
        """The management cluster that `connection.management` and `connection.management-context` name."""
        named = spec.connection.get("management", "")
        access = Access(named, spec.connection.get("management-context", ""))
        secret = {"management": named.removeprefix(SETTING)} if named.startswith(SETTING) else {}
        given = self._secrets.values(secret, spec.use).get("management", "")
        return Kube(access, discovery(self.root, f"{spec.name}-management"), given)

    def blocker(self, spec: ClusterSpec) -> str:
        """Checks the ClusterClass in the management cluster; there is no default version."""
        for key in ("management", "class"):
            if not spec.connection.get(key):
                return f"connection.{key} is missing: {MEANING[key]}"
        if not spec.version:
            return "version is missing: the Cluster API has no default"
        try:
            version = self._version(spec)
            name, space = spec.connection["class"], topology.namespace(spec)
            if self.management(spec).get(f"{topology.GROUP}/{version}", "ClusterClass", name, space) is None:
                return f"the management cluster has no ClusterClass {space}/{name}"
        except SluicewayError as broken:
            return f"{broken.what}: {broken.why}" if broken.why else broken.what
        return inside.blocker(spec)

    def _version(self, spec: ClusterSpec) -> str:
        """The newest API version that the management cluster serves."""
        kube = self.management(spec)
        for version in topology.VERSIONS:
            try:
                kube.items(f"{topology.GROUP}/{version}", "ClusterClass", topology.namespace(spec))
            except SluicewayError as broken:
                if broken.code != "SLW944":
                    raise
                continue
            return version
        raise SluicewayError("SLW944", "the management cluster has no Cluster API", fix="clusterctl init")

    def _make(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        told("applies the Cluster")
        self.management(spec).apply(topology.cluster(spec, self._version(spec)))

    def _found(self, spec: ClusterSpec) -> Object | None:
        version = f"{topology.GROUP}/{self._version(spec)}"
        return self.management(spec).get(version, "Cluster", spec.name, topology.namespace(spec))

    def _unready(self, spec: ClusterSpec) -> str:
        try:
            return topology.waits_for(self._found(spec))
        except SluicewayError as broken:
            return broken.why or broken.what

    def _kubeconfig(self, spec: ClusterSpec) -> str:
        secret = self.management(spec).get("v1", "Secret", f"{spec.name}-kubeconfig", topology.namespace(spec))
        value = Node(secret).at("data", "value").text()
        if not value:
            return f"secret {spec.name}-kubeconfig does not exist yet"
        try:
            text = inert(base64.b64decode(value).decode(), f"secret {spec.name}-kubeconfig")
        except SluicewayError as strange:
            return f"{strange.what}: {strange.why}"
        except ValueError:
            return f"secret {spec.name}-kubeconfig is no text"
        self._write(spec, KUBECONFIG, text)
        return ""

    def _destroy(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Deletes the cluster.

        Raises:
            SluicewayError: SLW951, finalizers block it; they are named with their age.
        """
        version = f"{topology.GROUP}/{self._version(spec)}"
        self.management(spec).delete(version, "Cluster", spec.name, topology.namespace(spec))
        deadline = time.monotonic() + GOING_S
        while (found := self._found(spec)) is not None:
            held = topology.held_by(found, time.time())
            if time.monotonic() > deadline:
                raise SluicewayError("SLW951", f"cluster {spec.name} is not being deleted", why=held, transient=True)
            told(f"waits for its deletion: {held}")
            time.sleep(POLL_S)

    def _left(self, spec: ClusterSpec) -> list[str]:
        labels = f"{topology.NAME_LABEL}={spec.name}"
        try:
            version = f"{topology.GROUP}/{self._version(spec)}"
            machines = self.management(spec).items(version, "Machine", topology.namespace(spec), labels)
        except SluicewayError as broken:
            return [f"it could not be checked: {broken.what}"]
        return [f"machine {metadata.name(one)}" for one in machines]


MEANING = {
    "management": "the kubeconfig of the management cluster, as file:PATH",
    "class": "a ClusterClass of the management cluster",
}
