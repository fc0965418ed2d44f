"""Networks of the seeded clusters: policies of tenants, a release that shifts traffic, and what probes found.

`us-1` lets staging into the shop, `eu-1` was probed and holds, `dc-1` was probed and does not.
"""

from __future__ import annotations

from typing import Any

from domain.inventory.model import Health, ObjectRow
from tests.support.memory_client.world import NOW, World

FROM_STAGING = {
    "of": "namespaces",
    "namespaces": {"labels": {"kubernetes.io/metadata.name": "shop-staging"}},
}
EU_1: dict[str, Any] = {
    "name": "eu-1",
    "provider": "local",
    "version": "1.33",
    "pools": [{"name": "main", "count": 4}],
    "network": {"isolated": True},
    "quotas": [{"namespace": "shop", "allow_from": ["shop-staging"]}],
}
"""Its definition: `default-deny` of the shop is there and changed, `tenant` is missing."""


def add_networks(world: World) -> None:
    """To the clusters of `add_fleet`."""
    world.objects |= {row.key: row for row in (*_tenant(), *_canary(), *_probes(), *_prior())}


def _row(cluster: str, kind: str, namespace: str, name: str, **more: Any) -> ObjectRow:
    return ObjectRow(cluster=cluster, kind=kind, namespace=namespace, name=name, uid=f"{cluster}.{kind}.{name}", **more)


def _tenant() -> list[ObjectRow]:
    rules = [{"peers": [FROM_STAGING], "ports": ["8080/TCP"]}, {"peers": [{"of": "network", "cidr": "10.0.0.0/8"}]}]
    details = {"types": ["Ingress"], "ingress": rules, "ours": True}
    return [_row("us-1", "NetworkPolicy", "shop", "tenant", created_at=NOW - 9e4, details=details)]


def _canary() -> list[ObjectRow]:
    """Of the release of web-shop that is under way."""
    found = []
    for version, ready in (("1.4.11", 3), ("1.4.12", 1)):
        labels = {"app.kubernetes.io/name": "web-shop", "app.kubernetes.io/version": version}
        row = _row(
            "eu-1",
            "Deployment",
            "shop",
            f"web-shop-{version.replace('.', '-')}",
            status=f"{ready}/{ready}",
            wanted=ready,
            ready=ready,
            service="web-shop",
            environment="production",
            version=version,
            details={"labels": labels},
            health=Health.HEALTHY,
        )
        found.append(row)
    return found


def _probes() -> list[ObjectRow]:
    said = {
        "eu-1": ("enforced", "a pod of another namespace is blocked by cilium, one of the same namespace is not"),
        "dc-1": ("not enforced", "a pod of another namespace gets in despite its policies: not enforced by bridge"),
    }
    return [
        _row(cluster, "NetworkProbe", "shop", "shop", status=status, reason=words, since=NOW - 7_200,
             health=Health.HEALTHY if status == "enforced" else Health.DEGRADED, details={"elsewhere": "kube-system"})
        for cluster, (status, words) in said.items()
    ]  # fmt: skip


def _prior() -> list[ObjectRow]:
    """Pods of priority classes: one that exists, and one that does not any more."""
    gone = _row("eu-1", "Pod", "shop-staging", "batch-0", status="Running", details={"priority": "gone"})
    room = "pods of a lower priority make room for it on node eu-1-node-3: no node has enough cpu free"
    waits = _row("eu-1", "Pod", "shop", "urgent-0", status="Pending", health=Health.DEGRADED, reason=room, details={
        "priority": "important", "nominated": "eu-1-node-3", "phase": "Pending",
    })  # fmt: skip
    return [gone, waits]
