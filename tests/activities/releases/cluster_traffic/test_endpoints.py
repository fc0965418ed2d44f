"""Endpoints are a tenant's to write: what they name is no part of another path."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.cluster_traffic import endpoints


@pytest.mark.parametrize(
    ("pod", "told"),
    [("router-7d9c", "router-7d9c"), ("../secrets/shop-r1-env?", ""), ("a/../../secrets", ""), ("..", ""), ("A", "")],
)
def test_a_pod_of_an_endpoint_has_the_name_of_a_pod_or_none(pod: str, told: str) -> None:
    kube = MemoryObjects()
    meta: Any = {"name": "x", "namespace": "infra", "labels": {"kubernetes.io/service-name": "router"}}
    one: Any = {"addresses": ["10.0.0.1"], "conditions": {}, "targetRef": {"kind": "Pod", "name": pod}}
    ports: Any = [{"name": "metrics", "port": 9100}]
    kube.create(
        {"apiVersion": endpoints.API, "kind": endpoints.KIND, "metadata": meta, "endpoints": [one], "ports": ports}
    )
    service = {"metadata": {"name": "router", "namespace": "infra"}}
    assert [each.pod for each in endpoints.ready(kube, service, "metrics")] == [told]
