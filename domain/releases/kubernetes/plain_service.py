"""A service's traffic by plain Services: who is chosen is exact, and shares follow the number of pods.

Source: https://kubernetes.io/docs/concepts/services-networking/service/

A Service spreads connections, not requests: kept ones stay where they are, and nothing shows that a change is in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.traffic import ANNOTATION, Traffic, written


def services(traffic: Traffic, deployment: Deployment, namespace: str, ports: Sequence[Json]) -> list[Manifest]:
    """`shop`, and `shop-preview` while a version has a preview; each holds the state.

    Split, `shop` chooses every pod of the service in its environment, whatever its release. `ports`: as the versions'
    own Services have them.
    """
    made = []
    leading = [name for name, parts in traffic.weights.items() if parts]
    if leading:
        chosen = _of(deployment, leading[0]) if len(leading) == 1 else naming.of_service(deployment)
        made.append(_service(deployment.service, chosen, traffic, deployment, namespace, ports))
    if traffic.preview:
        name = preview_name(deployment.service)
        made.append(_service(name, _of(deployment, traffic.preview), traffic, deployment, namespace, ports))
    return made


def preview_name(service: str) -> str:
    """Of the Service of whoever is previewed."""
    return f"{service}-preview"


def _of(deployment: Deployment, instance: str) -> dict[str, str]:
    return naming.selector(replace(deployment, instance=instance))


def _service(
    name: str,
    chosen: dict[str, str],
    traffic: Traffic,
    deployment: Deployment,
    namespace: str,
    ports: Sequence[Json],
) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": dict(naming.service_labels(deployment)),
            "annotations": {ANNOTATION: written(traffic)},
        },
        "spec": {"selector": dict(chosen), "ports": [*ports]},
    }
