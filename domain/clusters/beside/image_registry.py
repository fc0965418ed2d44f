"""Where a cluster's own registry is, as clusters say it.

Source: https://github.com/kubernetes/enhancements/tree/master/keps/sig-cluster-lifecycle/generic/1755-communicating-a-local-registry
"""

from __future__ import annotations

import json

from domain.clusters.manifests import OURS
from domain.core.documents import Manifest, Node, Object

NAMESPACE, NAME, KEY = "kube-public", "local-registry-hosting", "localRegistryHosting.v1"


def objects(host: str) -> list[Manifest]:
    """`host`: `ADDRESS:PORT`, for the engine and for the nodes."""
    about = json.dumps({"host": host, "hostFromContainerRuntime": host, "hostFromClusterNetwork": host})
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": dict(OURS)},
            "data": {KEY: about},
        }
    ]


def host_of(found: Object) -> str:
    """The address in such a ConfigMap; empty: it names none. Its text is YAML, of which JSON is a part."""
    try:
        return Node(json.loads(Node(found)["data"][KEY].text()))["host"].text()
    except ValueError:
        return ""
