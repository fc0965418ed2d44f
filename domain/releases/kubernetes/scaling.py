"""How many pods a version's own objects ask for, and the same objects for another number."""

from __future__ import annotations

import json

from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json


def floor(workload: Object, autoscaler: Object | None) -> int:
    """The number of pods that a version's own objects ask for, at least 1."""
    if autoscaler is not None:
        return max(Node(autoscaler).at("spec", "minReplicas").whole(1), 1)
    return max(Node(workload).at("spec", "replicas").whole(1), 1)


def scaled(one: Object, count: int) -> Object:
    """An object of a version for so many pods: the Deployment that has a number of its own, or the autoscaler's floor.

    Other objects stay as they are.
    """
    said = Node(one)
    spec: Manifest = {**said["spec"].object()}
    if said["kind"].text() == "HorizontalPodAutoscaler":
        spec["minReplicas"] = count
        spec["maxReplicas"] = max(spec_max(one), count)
    elif said["kind"].text() == "Deployment" and "replicas" in spec:
        spec["replicas"] = count
    else:
        return one
    return {**one, "spec": spec}


NUMBERS = ("replicas", "minReplicas", "maxReplicas")


def numbers(one: Object) -> Manifest:
    """What of an object of a version is a number of its pods; empty: nothing."""
    said = Node(one)["spec"]
    return {name: said[name].whole() for name in NUMBERS if said[name].value is not None}


def spec_max(autoscaler: Object) -> int:
    """The most pods that an autoscaler makes."""
    return Node(autoscaler).at("spec", "maxReplicas").whole(1)


def ordered(one: Object) -> Object:
    """An autoscaler with its metrics in one order: a server that stores v1 gives the one of CPU back as the last.

    Other objects stay as they are.
    """
    spec = Node(one)["spec"]
    if Node(one)["kind"].text() != "HorizontalPodAutoscaler" or not isinstance(spec["metrics"].value, list):
        return one
    metrics: Json = [each.value for each in sorted(spec["metrics"], key=_measured)]
    return {**one, "spec": {**spec.object(), "metrics": metrics}}


def _measured(metric: Node) -> str:
    """What a metric measures, without its target."""
    return json.dumps({key: {**below.object(), "target": None} for key, below in metric.fields()}, sort_keys=True)
