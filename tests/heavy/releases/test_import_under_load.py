"""On a real cluster, under load: a Deployment that runs is imported, released over, gone back to and given back."""

from __future__ import annotations

from typing import Any

import pytest

from activities.releases.targets.kubernetes.living import look
from domain.clusters import metadata
from domain.core.documents import Node
from domain.releases.kubernetes import container
from domain.releases.kubernetes.adoption import Asked, plan
from tests.support.lab import until
from tests.support.release_cluster import NAMESPACE

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(590)]
SERVICE, OLD = "bought", {"app": "old"}


def objects(edge: Any, image: str, route: str) -> list[dict[str, Any]]:
    """As somebody made them who knew nothing of releases."""
    (workload, *_) = container.objects(edge.deployment("r9", image, SERVICE).spec)
    spec = Node(workload)["spec"]
    template = {"metadata": {"labels": OLD}, "spec": spec.at("template", "spec").object()}
    about = {"namespace": NAMESPACE}
    backend = {"name": "old", "port": 80}
    parent = dict(zip(("namespace", "name"), edge.place.gateway.split("/"), strict=True))
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {**about, "name": "old"},
            "spec": {"replicas": 2, "selector": {"matchLabels": OLD}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**about, "name": "old"},
            "spec": {"selector": OLD, "ports": [{"port": 80, "targetPort": 8080}]},
        },
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {**about, "name": route},
            "spec": {
                "parentRefs": [parent],
                "hostnames": [f"{SERVICE}.example"],
                "rules": [{"backendRefs": [backend]}],
            },
        },
    ]


@pytest.mark.parametrize("route", ["former", SERVICE])
async def test_import_release_return_and_undo_lose_no_request(edge, target, image, tmp_path, route):
    kube = edge.kube
    before = objects(edge, image, route)
    for one in before:
        kube.apply(one, manager="kubectl")
    asked = Asked(service=SERVICE, environment="production", workload="old", place=edge.place, route=route)
    await until(lambda: not plan(asked, look(kube, asked)).refusals, 120)  # its pods start
    await until(lambda: edge.answers(f"{SERVICE}.example"), 60)
    old = plan(asked, look(kube, asked)).deployment
    assert old is not None
    new = edge.deployment("r1", image, SERVICE)

    def pods() -> list[str]:
        return sorted(metadata.uid(one) for one in kube.items("v1", "Pod", NAMESPACE, "app=old"))

    own = pods()
    with edge.under_load(tmp_path, f"{SERVICE}.example") as load:
        await target.adopt(old)
        await target.route(old)
        await target.start(new)
        for percent in (10, 60):
            await target.shift(new, old, percent)
        await target.route(new)
        await target.route(old)
        await target.stop(new)
        await target.give_back(old)
    print(f"imported from HTTPRoute {route}, released over, back, undone: {load}")
    assert load.lost == []
    assert pods() == own
    assert kube.get("v1", "Service", f"{SERVICE}-r0", NAMESPACE) is None
    back = Node(kube.get("gateway.networking.k8s.io/v1", "HTTPRoute", route, NAMESPACE)).at("spec", "rules").first()
    assert back["backendRefs"].first()["name"].text() == "old"
    for one in before:
        kube.delete(one["apiVersion"], one["kind"], metadata.name(one), NAMESPACE)
