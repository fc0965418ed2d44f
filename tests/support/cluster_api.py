"""A management cluster for tests: the real definitions of the Cluster API, and somebody who plays its controllers."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import yaml

from activities.kubernetes.client import Kube
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from tests.support.built_programs import built
from tests.support.kube_status import patch_status

GROUP = "cluster.x-k8s.io"
VERSION = f"{GROUP}/v1beta2"
CLASS = "made"
FILES = frozenset({"certificate-authority", "client-certificate", "client-key"})
"""What a kubeconfig of this machine names by its path."""


def install(kube: Kube) -> None:
    """Without the conversion webhook: the one version that is stored is the one that is used."""
    for path in sorted((built() / "cluster-api-v1.11.3").glob("*.yaml")):
        one = yaml.safe_load(path.read_text())
        one["spec"].pop("conversion", None)
        one.pop("status", None)
        one["spec"]["versions"] = [v for v in one["spec"]["versions"] if v["name"] == "v1beta2"]
        one["spec"]["versions"][0]["storage"] = True
        if one["spec"]["versions"]:
            kube.apply(one)


def cluster_class() -> Manifest:
    def reference(kind: str) -> Manifest:
        return {"templateRef": {"apiVersion": "infrastructure.example/v1", "kind": kind, "name": "a"}}

    worker: Manifest = {
        "class": "default-worker",
        "bootstrap": reference("Boot"),
        "infrastructure": reference("MachineKind"),
    }
    body: Manifest = {
        "infrastructure": reference("ClusterKind"),
        "controlPlane": reference("PlaneKind"),
        "workers": {"machineDeployments": [worker]},
    }
    return {
        "apiVersion": VERSION,
        "kind": "ClusterClass",
        "metadata": {"name": CLASS, "namespace": "default"},
        "spec": body,
    }


def whole(kubeconfig: Path) -> str:
    """With what its files hold, as a kubeconfig is that goes from one machine to another."""
    told = yaml.safe_load(kubeconfig.read_text())
    for kind in ("cluster", "user"):
        for entry in (one[kind] for one in told[f"{kind}s"]):
            for name in FILES & entry.keys():
                file = kubeconfig.parent / entry.pop(name)
                entry[f"{name}-data"] = base64.b64encode(file.read_bytes()).decode()
    return yaml.safe_dump(told)


class Controllers:
    """Makes every Cluster available at once, with the kubeconfig of the cluster that all of it runs in."""

    def __init__(self, kube: Kube, kubeconfig: Path) -> None:
        self._kube, self._kubeconfig = kube, kubeconfig
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> Controllers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _play(self) -> None:
        while not self._ended.wait(0.1):
            for one in self._kube.items(VERSION, "Cluster"):
                self._one(one)

    def _one(self, one: Object) -> None:
        name, namespace = metadata.name(one), metadata.namespace(one)
        generation = Node(one).at("metadata", "generation").value
        if Node(one).at("status", "observedGeneration").value == generation:
            return
        text = base64.b64encode(whole(self._kubeconfig).encode()).decode()
        secret = {"name": f"{name}-kubeconfig", "namespace": namespace}
        self._kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": secret, "data": {"value": text}})
        told = {"type": "Available", "status": "True", "reason": "Available", "message": ""}
        told["lastTransitionTime"] = metadata.created(one)
        status = {"observedGeneration": generation, "phase": "Provisioned", "conditions": [told]}
        patch_status(self._kube, VERSION, "Cluster", name, status, namespace)
