"""kind clusters: nodes are containers of a Docker daemon, created by the `kind` command. Its node image is pulled.

Source: https://kind.sigs.k8s.io/docs/user/configuration/
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from activities.clusters import in_cluster as inside
from activities.clusters.external import KUBECONFIG, ElsewhereProvider
from activities.clusters.processes import ProgressCallback, program
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError

LIMIT_S = 900
ENV = ("PATH", "HOME", "DOCKER_HOST", "KIND_EXPERIMENTAL_PROVIDER")


class KindProvider(ElsewhereProvider):
    """`tools`: folder with the `kind` program. Pools are immutable: kind adds no nodes."""

    name = "kind"

    def __init__(self, root: Path, tools: Path) -> None:
        super().__init__(root)
        self._tools = tools

    def blocker(self, spec: ClusterSpec) -> str:
        """Checks the `kind` program and its daemon; rejects other network plugins."""
        if spec.network.plugin != "bridge":
            return f"kind has its own network plugin, but {spec.network.plugin} is requested"
        try:
            program("kind", self._tools)
            self._run("get", "clusters")
        except SluicewayError as missing:
            return f"{missing.what}: {missing.why or missing.fix}"
        return inside.blocker(spec)

    def _make(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        if spec.name in self._names():
            changed = self._known(spec).get("config") not in (None, config(spec))
            if changed:
                raise SluicewayError("SLW948", "kind cannot change nodes", fix="delete the cluster and recreate it")
            return
        told("kind creates the nodes")
        path = self._write(spec, "kind.json", json.dumps(config(spec)))
        kubeconfig = self.folder(spec) / KUBECONFIG
        given = ["--config", str(path), "--kubeconfig", str(kubeconfig), "--wait", "5m"]
        self._run("create", "cluster", "--name", spec.name, *given)

    def _known(self, spec: ClusterSpec) -> Manifest:
        known = super()._known(spec)
        made = self.folder(spec) / "kind.json"
        return {**known, "config": _read(made)} if made.exists() else known

    def _unready(self, spec: ClusterSpec) -> str:
        return "" if spec.name in self._names() else "kind does not list it"

    def _kubeconfig(self, spec: ClusterSpec) -> str:
        self._write(spec, KUBECONFIG, self._run("get", "kubeconfig", "--name", spec.name))
        return ""

    def _destroy(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        told("kind removes the nodes")
        self._run("delete", "cluster", "--name", spec.name)

    def _left(self, spec: ClusterSpec) -> list[str]:
        try:
            return [f"kind cluster {spec.name}"] if spec.name in self._names() else []
        except SluicewayError:
            return []  # no daemon, so no containers

    def _names(self) -> list[str]:
        return self._run("get", "clusters").split()

    def _run(self, *arguments: str) -> str:
        env = {name: os.environ[name] for name in ENV if name in os.environ}
        try:
            done = subprocess.run(
                [program("kind", self._tools), *arguments],
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as slow:
            raise SluicewayError("SLW957", f"kind {arguments[0]} took longer than {LIMIT_S} s") from slow
        if done.returncode:
            raise SluicewayError("SLW957", f"kind {arguments[0]} failed", why=done.stderr.strip()[-500:])
        return done.stdout


def _read(path: Path) -> Object:
    """Empty of a file that was written in part."""
    try:
        return Node(json.loads(path.read_text())).object()
    except ValueError:
        return {}


def config(spec: ClusterSpec) -> Manifest:
    """The file for `kind create cluster --config`: one control plane, and a worker for each node of each pool."""
    image = {"image": f"kindest/node:v{spec.version}"} if spec.version else {}
    workers = [_node(pool, image) for pool in spec.pools for _ in range(pool.count)]
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {"podSubnet": spec.network.pods, "serviceSubnet": spec.network.services},
        "nodes": [{"role": "control-plane", **image}, *workers],
    }


def _node(pool: NodePool, image: dict[str, str]) -> Manifest:
    return {"role": "worker", **image, **({"labels": dict(pool.labels)} if pool.labels else {})}
