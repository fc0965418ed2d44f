"""Namespaces of a cluster that its definition does not name, and that no network policy isolates."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from domain.clusters import metadata
from domain.clusters.add_ons import LABEL as ADD_ON
from domain.clusters.manifests import OURS, default_deny
from domain.core.documents import Manifest, Node, Object

SYSTEM = "kube-"
PROBED_FROM = "default"
"""The other pod of `cluster probe` begins there: kept from the network, it would prove nothing."""
DENIED = {"sluiceway.dev/other-namespace": "denied"}
"""Label of the policies that are made for them."""
API, KIND, NAME = "networking.k8s.io/v1", "NetworkPolicy", "sluiceway-default-deny"
MOST = 500
"""That are looked after in one cluster."""


class Others(StrEnum):
    """What happens to them, where the namespaces of the definition are isolated."""

    LEAVE = "leave"
    TELL = "tell"
    DENY = "deny"


def open_ones(namespaces: Iterable[Object], policies: Iterable[Object]) -> tuple[str, ...]:
    """Their names, in order: any pod of the cluster reaches their pods. Kubernetes' own and ours are none."""
    closed = {metadata.namespace(one) for one in policies if isolates(one)}
    names = sorted(metadata.name(one) for one in namespaces if _is_other(one))
    return tuple(name for name in names if name not in closed)[:MOST]


def _is_other(namespace: Object) -> bool:
    name, labels = metadata.name(namespace), metadata.labels(namespace)
    ours = ADD_ON in labels or all(labels.get(key) == value for key, value in OURS.items())
    return not (ours or name.startswith(SYSTEM) or name == PROBED_FROM or metadata.is_ending(namespace))


def isolates(policy: Object) -> bool:
    """Whether a policy selects each pod of its namespace for what comes in: what none allows is denied then.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    spec = Node(policy)["spec"]
    chosen = spec["podSelector"]
    types = {one.text() for one in spec["policyTypes"]} or {"Ingress"}
    return "Ingress" in types and not (chosen["matchLabels"] or chosen["matchExpressions"])


def denied(namespace: str) -> Manifest:
    """Its default deny: nothing in, and nothing out but names. Its owners allow more by policies of their own."""
    labels: Manifest = {**OURS, **DENIED}
    meta: Manifest = {"name": NAME, "namespace": namespace, "labels": labels}
    return {"apiVersion": API, "kind": KIND, "metadata": meta, "spec": Node(default_deny(namespace))["spec"].object()}
