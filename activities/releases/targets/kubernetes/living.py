"""Reads what runs in a namespace before a service is released there. Blocking; touches nothing."""

from __future__ import annotations

from activities.kubernetes.port import ObjectApi
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.releases.kubernetes import http_route
from domain.releases.kubernetes.adoption import Asked
from domain.releases.kubernetes.living import Living


def look(kube: ObjectApi, asked: Asked) -> Living:
    """Everything that an import of this has to know.

    Raises:
        SluicewayError: SLW943, the server does not say it.
    """
    space = asked.place.namespace

    def items(version: str, kind: str) -> list[Object]:
        return kube.items(version, kind, space)

    return Living(
        deployment=kube.get("apps/v1", "Deployment", asked.workload, space),
        replica_sets=items("apps/v1", "ReplicaSet"),
        pods=items("v1", "Pod"),
        services=items("v1", "Service"),
        autoscalers=items("autoscaling/v2", "HorizontalPodAutoscaler"),
        routes=_routes(kube, space),
        ingress=kube.get("networking.k8s.io/v1", "Ingress", asked.ingress, space) if asked.ingress else None,
    )


def _routes(kube: ObjectApi, space: str) -> list[Object]:
    """None where the cluster does not have the kind."""
    try:
        return kube.items(http_route.API, http_route.KIND, space)
    except SluicewayError as refused:
        if refused.status != 404:
            raise
        return []
