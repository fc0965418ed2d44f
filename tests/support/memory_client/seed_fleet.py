"""What is in the seeded clusters: one of each trouble that an operator looks for, and names of strangers.

`eu-1` has a lost node and broken pods, `us-1` is well, `apac-1` stuck in an update, `edge-1` not heard of for ten
minutes, `lab` being made, and `dc-1` registered by a kubeconfig.
"""

from __future__ import annotations

from typing import Any

from activities.inventory.port import ClusterLife
from domain.core.version import VERSION
from domain.inventory.model import Certificate, EventRow, Health, ObjectRow, WatchRow
from tests.support.memory_client.clusters import SPECS
from tests.support.memory_client.seed_networks import EU_1
from tests.support.memory_client.world import NOW, World
from workers.client.ports.fleets import ClusterDetails, FleetCluster, RepairDecision, Story

ODD = (
    '"><img src=x onerror=alert(1)>',
    "가나다 한글 이름 \u202etxt.exe",
    "x" * 253,
    "' or 1=1 --",
    "\x1b[31mred\x1b[0m\r\nSet-Cookie: a=b",
    "javascript:alert(1){{7*7}}{% raw %}",
)
"""What a stranger might write; without `/`, which no API server lets into a name."""
LIVES = (
    ClusterLife(name="eu-1", provider="local", status="ready", since=NOW - 9e5, body='{"drift": 2, "guarded": true}'),
    ClusterLife(name="us-1", provider="cluster-api", status="ready", since=NOW - 8e5, body='{"guarded": true}'),
    ClusterLife(
        name="apac-1",
        provider="terraform",
        status="stuck",
        waits_for="nodes",
        reason=f"quota of the project is exceeded: {ODD[0]}",
        since=NOW - 5_400,
    ),
    ClusterLife(name="edge-1", provider="registered", status="ready", since=NOW - 3e5),
    ClusterLife(name="lab", provider="kind", status="creating", waits_for="control-plane", since=NOW - 90),
    ClusterLife(name="dc-1", provider="registered", status="ready", since=NOW - 7e5, body='{"dials_out": true}'),
)
SERVICES = ("web-shop", "billing", "search", "mail")
LABELS = {"app.kubernetes.io/name": "web-shop", "tier": "front"}
CORES = {"name": "requests.cpu", "hard": "4", "used": "3700m", "hard_number": 4.0, "used_number": 3.7, "percent": 92}


def add_fleet(world: World) -> None:
    """Six clusters with what is in them."""
    world.cluster_specs |= {one.name: one for one in SPECS}
    for life in LIVES:
        world.cluster_lives[life.name] = life
        world.watches[life.name] = _watch(life.name)
    for cluster in ("eu-1", "us-1", "apac-1", "edge-1", "dc-1"):
        rows = [*_nodes(cluster), *_namespaces(cluster), *_workloads(cluster), *_rest(cluster)]
        world.objects |= {row.key: row for row in rows}
    world.objects |= {row.key: row for row in (*_odd(), *_broken())}
    world.warnings += _events()
    world.cluster_details["eu-1"] = _details()


def _watch(cluster: str) -> WatchRow:
    if cluster == "lab":
        return WatchRow(cluster=cluster)
    certificates = (
        Certificate(name="API server", until=NOW + 40 * 86_400, issuer="kubernetes"),
        Certificate(name="kubeconfig", until=NOW + 6 * 86_400, issuer=ODD[1]),
    )
    row: dict[str, Any] = {
        "cluster": cluster,
        "version": "v1.33.2",
        "certificates": certificates,
        "synced_at": NOW - 3_600,
    }
    if cluster == "edge-1":
        return WatchRow(
            **row, heard_at=NOW - 600, trouble="connection timed out: 203.0.113.7:6443", trouble_since=NOW - 570
        )
    if cluster != "dc-1":
        return WatchRow(**row, heard_at=NOW - 1)
    unwatched = {"VolumeSnapshot": "the cluster does not serve it"}
    return WatchRow(**row, heard_at=NOW - 1, unwatched=unwatched, dialled_at=NOW - 3, worker=VERSION)


def _row(cluster: str, kind: str, name: str, namespace: str = "", **more: Any) -> ObjectRow:
    uid = f"{cluster}.{kind}.{namespace}.{name}"[:200]
    known: dict[str, Any] = {"uid": uid, "since": NOW - 86_400, "created_at": NOW - 9e5}
    return ObjectRow(cluster=cluster, kind=kind, name=name, namespace=namespace, **known | more)


def _nodes(cluster: str) -> list[ObjectRow]:
    found = []
    for at in range(4 if cluster == "eu-1" else 2):
        lost, pressed = cluster == "eu-1" and at == 1, cluster == "eu-1" and at == 2
        details: dict[str, Any] = {
            "roles": ["control-plane"] if at == 0 else ["worker"],
            "capacity_cpu_m": 8_000,
            "capacity_memory_mb": 32_000,
            "pods": 110,
            "version": "v1.33.2",
            "runtime": "containerd://2.1.1",
            "addresses": [f"InternalIP 10.0.0.{at + 1}"],
            "zone": f"{cluster}-{'abc'[at % 3]}",
            "labels": {"kubernetes.io/os": "linux"},
        }
        if at == 0:
            details["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
        if pressed:
            details |= {
                "pressure": ["MemoryPressure"],
                "taints": [{"key": ODD[3], "value": ODD[0], "effect": "NoExecute"}],
            }
        health = Health.UNKNOWN if lost else Health.DEGRADED if pressed else Health.HEALTHY
        reason = "its kubelet stopped posting node status" if lost else "MemoryPressure" if pressed else ""
        status = "NotReady" if lost else "Ready"
        row = _row(
            cluster, "Node", f"{cluster}-node-{at}", health=health, status=status, reason=reason, details=details
        )
        found.append(_with(row, cpu_m=7_500, memory_mb=30_000, since=NOW - 1_800 if lost or pressed else NOW - 9e5))
    return found


def _with(row: ObjectRow, **more: Any) -> ObjectRow:
    return ObjectRow(**{**vars(row), **more})


def _namespaces(cluster: str) -> list[ObjectRow]:
    of = {"shop": "production", "shop-staging": "staging", "kube-system": ""}
    return [
        _row(cluster, "Namespace", name, status="Active", environment=environment, details={"security": "baseline"})
        for name, environment in of.items()
    ]


def _workloads(cluster: str) -> list[ObjectRow]:
    """Each service in production and staging; the last two clusters still run an older version."""
    found = []
    for namespace, environment in (("shop", "production"), ("shop-staging", "staging")):
        for at, service in enumerate(SERVICES):
            version = "1.4.1" if cluster in ("dc-1", "edge-1") and at < 2 else "1.4.2"
            common: dict[str, Any] = {"service": service, "environment": environment, "version": version}
            details = {
                "updated": 3,
                "available": 3,
                "strategy": "RollingUpdate",
                "revision": "7",
                "images": [f"registry.example/{service}:{version}"],
                "labels": {**LABELS, "app.kubernetes.io/name": service},
                "selector": {"labels": {"app.kubernetes.io/name": service}},
            }
            found.append(
                _row(
                    cluster,
                    "Deployment",
                    service,
                    namespace,
                    status="3/3",
                    wanted=3,
                    ready=3,
                    details=details,
                    **common,
                )
            )
            found += [_pod(cluster, namespace, service, number, common) for number in range(3)]
    return found


def _pod(cluster: str, namespace: str, service: str, number: int, common: dict[str, Any]) -> ObjectRow:
    name = f"{service}-7d9f8c6b5-{number:05}"
    container = {
        "name": "app",
        "image": f"registry.example/{service}:{common['version']}",
        "state": "running",
        "ready": True,
        "cpu_m": 250,
        "memory_mb": 256,
        "cpu_limit_m": 500,
        "memory_limit_mb": 512,
        "ports": ["http:8080/TCP"],
    }
    details: dict[str, Any] = {
        "phase": "Running",
        "containers": [container],
        "ip": f"10.244.0.{number + 10}",
        "qos": "Burstable",
        "account": "default",
        "labels": {**LABELS, "app.kubernetes.io/name": service},
        "conditions": [{"type": "Ready", "status": "True", "since": NOW - 86_400}],
    }
    row = _row(cluster, "Pod", name, namespace, status="Running", details=details, **common)
    return _with(
        row,
        node=f"{cluster}-node-{number % 2}",
        owner=f"Deployment/{service}",
        wanted=1,
        ready=1,
        cpu_m=250,
        memory_mb=256,
    )


def _rest(cluster: str) -> list[ObjectRow]:
    rule = {"peers": [{"of": "pods", "pods": {"labels": {"tier": "front"}}}], "ports": ["8080/TCP"]}
    policy = {"selector": {}, "types": ["Ingress", "Egress"], "ingress": [rule], "ours": True}
    limits = [{"type": "Container", "resource": "cpu", "default": "500m", "default_request": "250m", "max": "2"}]
    metrics = [{"name": "cpu", "type": "Resource", "current": "85%", "target": "70%"}]
    return [
        _row(cluster, "Service", "web-shop", "shop", status="ClusterIP", details={
            "type": "ClusterIP", "selector": {"app.kubernetes.io/name": "web-shop"}, "ip": "10.96.0.17",
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "target": "http"}],
        }),
        _row(cluster, "EndpointSlice", "web-shop-abcde", "shop", wanted=3, ready=3, details={"service": "web-shop"}),
        _row(cluster, "NetworkPolicy", "default-deny", "shop", details=policy),
        _row(cluster, "ResourceQuota", "tenant", "shop", wanted=92, status="92%", details={
            "resources": [CORES, {"name": "pods", "hard": "50", "used": "12", "hard_number": 50.0, "used_number": 12.0,
                                  "percent": 24}], "fullest": "requests.cpu",
        }),
        _row(cluster, "LimitRange", "defaults", "shop", details={"limits": limits}),
        _row(cluster, "HorizontalPodAutoscaler", "web-shop", "shop", wanted=4, ready=3, status="3/4",
             health=Health.PROGRESSING, reason="scaling from 3 to 4",
             details={"target": "Deployment/web-shop", "min": 2, "max": 6, "metrics": metrics}),
        _row(cluster, "PriorityClass", "important", details={"value": 1_000_000, "description": ODD[4]}),
        _row(cluster, "StorageClass", "standard", details={
            "provisioner": "rancher.io/local-path", "reclaim": "Delete", "binding": "WaitForFirstConsumer",
            "expands": True, "default": True,
        }),
        _row(cluster, "PersistentVolumeClaim", "data-billing-0", "shop", status="Bound", service="billing", details={
            "volume": "pvc-1", "storage_class": "standard", "asked_mb": 10_240, "capacity_mb": 10_240,
            "modes": ["ReadWriteOnce"],
        }),
        _row(cluster, "PersistentVolume", "pvc-1", status="Bound", owner="PersistentVolumeClaim/data-billing-0",
             details={"claim_namespace": "shop", "claim": "data-billing-0", "storage_class": "standard",
                      "capacity_mb": 10_240, "reclaim": "Delete", "modes": ["ReadWriteOnce"]}),
        _row(cluster, "PersistentVolume", "pvc-orphan", status="Released", health=Health.DEGRADED,
             reason="its claim is gone, and its data stays", owner="PersistentVolumeClaim/old",
             details={"claim_namespace": "gone", "claim": "old", "capacity_mb": 512, "reclaim": "Retain"}),
        _row(cluster, "VolumeSnapshot", "nightly", "shop", status="Ready",
             details={"claim": "data-billing-0", "snapshot_class": "csi", "size_mb": 9_000, "taken_at": NOW - 3e4}),
    ]  # fmt: skip


def _broken() -> list[ObjectRow]:
    """In `eu-1`: what cannot be pulled, crashes, waits, was evicted; a rollout, a job, what is switched off."""
    of = {
        "cluster": "eu-1",
        "namespace": "shop",
        "service": "web-shop",
        "environment": "production",
        "version": "1.5.0",
    }

    def pod(name: str, status: str, health: Health, reason: str, **more: Any) -> ObjectRow:
        row = _row(kind="Pod", name=name, status=status, health=health, reason=reason, **of)
        return _with(row, since=NOW - 1_200, owner="Deployment/web-shop-canary", wanted=1, **more)

    pull = "the image registry.example/web-shop:1.5.0 cannot be pulled: not found"
    waiting = {"name": "app", "image": "registry.example/web-shop:1.5.0", "state": "waiting", "reason": "ImagePullBackOff",
               "message": ODD[0], "since": NOW - 1_200}  # fmt: skip
    crashed = {"name": "app", "state": "waiting", "reason": "CrashLoopBackOff", "restarts": 17, "last_reason": "OOMKilled",
               "last_exit_code": 137, "last_ended_at": NOW - 60}  # fmt: skip
    bad = Health.DEGRADED
    return [
        _with(_row(kind="Deployment", name="web-shop-canary", status="0/2", health=bad, reason=pull, **of), wanted=2,
              since=NOW - 1_200, details={"updated": 2, "strategy": "RollingUpdate", "images": [ODD[0]]}),
        pod("web-shop-canary-aaaaa", "ImagePullBackOff", bad, pull, details={"phase": "Pending", "containers": [waiting]}),
        pod("web-shop-canary-bbbbb", "CrashLoopBackOff", bad, "app was killed 17 times: it needs more than 512 MB",
            node="eu-1-node-2", details={"phase": "Running", "containers": [crashed], "restarts": 17}),
        pod("web-shop-canary-ccccc", "Pending", bad, "no node has 4 free cores: 3 of 4 have too little, 1 is not ready",
            details={"phase": "Pending"}),
        pod("web-shop-canary-ddddd", "Evicted", bad, "the node was low on memory", node="eu-1-node-2",
            details={"phase": "Failed"}),
        pod("web-shop-canary-eeeee", "ContainerCreating", Health.PROGRESSING, "", node="eu-1-node-3"),
        _with(_row("eu-1", "StatefulSet", "queue", "shop", status="2/3", health=Health.PROGRESSING, service="queue",
                   reason="2 of 3 pods are updated", environment="production", version="3.0"), wanted=3, ready=2),
        _row("eu-1", "DaemonSet", "logs", "kube-system", status="4/4", wanted=4, ready=4, service="logs", version="2.2"),
        _row("eu-1", "Job", "migrate", "shop", status="Failed", health=bad, reason="BackoffLimitExceeded",
             details={"failed": 4, "completions": 1}),
        _row("eu-1", "CronJob", "report", "shop", status="Suspended", health=Health.SUSPENDED,
             details={"schedule": "0 3 * * *", "suspended": True}),
        _row("eu-1", "PersistentVolumeClaim", "scratch", "shop", status="Pending", health=bad, since=NOW - 7_000,
             reason="no StorageClass is named fast", details={"storage_class": "fast", "asked_mb": 1_024}),
    ]  # fmt: skip


def _odd() -> list[ObjectRow]:
    """A namespace and what is in it, named by a stranger."""
    namespace = ODD[0]
    rows = [_row("eu-1", "Namespace", namespace, status="Terminating", health=Health.PROGRESSING, reason=ODD[5])]
    for name in ODD:
        common: dict[str, Any] = {"service": name, "environment": name, "version": name[:40]}
        rows.append(_row("eu-1", "Deployment", name, namespace, status="1/1", wanted=1, ready=1, **common))
        details = {"labels": {name: name}, "containers": [{"name": name, "image": name, "message": name}]}
        pod = _row("eu-1", "Pod", name, namespace, status="Other", health=Health.DEGRADED, details=details, **common)
        rows.append(_with(pod, node=name, owner=f"Deployment/{name}", reason=name))
        policy = {"selector": {"labels": {name: name}}, "types": ["Ingress"], "expires": name}
        rows.append(_row("eu-1", "NetworkPolicy", name, namespace, details=policy))
    return rows


def _events() -> list[EventRow]:
    pod: dict[str, Any] = {"cluster": "eu-1", "namespace": "shop", "kind": "Pod", "name": "web-shop-canary-aaaaa"}
    about = "eu-1.Pod.shop.web-shop-canary-aaaaa"
    going = [
        EventRow(**pod, uid="e1", about=about, reason="Failed", message=f"Failed to pull image: {ODD[0]}", count=12,
                 first_at=NOW - 1_200, last_at=NOW - 20),
        EventRow(cluster="eu-1", uid="e2", kind="Node", name="eu-1-node-1", about="eu-1.Node..eu-1-node-1",
                 reason="NodeNotReady", message=ODD[4], first_at=NOW - 1_800, last_at=NOW - 1_800),
        EventRow(cluster="edge-1", uid="e3", namespace="shop", kind="Pod", name="mail-7d9f8c6b5-00000",
                 reason="Unhealthy", message="Readiness probe failed", count=3, first_at=NOW - 900, last_at=NOW - 610),
    ]  # fmt: skip
    ended = [
        EventRow(cluster="us-1", uid=f"old-{at}", namespace="shop", kind="Pod", name=f"search-7d9f8c6b5-0000{at % 3}",
                 about=f"us-1.Pod.shop.search-7d9f8c6b5-0000{at % 3}", reason="BackOff", message=ODD[at % len(ODD)],
                 count=at + 1, first_at=NOW - 9_000 - at, last_at=NOW - 8_000 - at, ended_at=NOW - 7_000,
                 ended_because="the pod runs")
        for at in range(20)
    ]  # fmt: skip
    return [*going, *ended]


def _details() -> ClusterDetails:
    return ClusterDetails(
        row=FleetCluster(name="eu-1"),
        definition=EU_1,
        add_ons=("metrics-server", "local-path"),
        parts={"firewall": "cilium", "monitoring": "prometheus"},
        capabilities={"autoscaling": "yes", "snapshots": "no"},
        drift=("node eu-1-node-3 has label pool=other, wants pool=main", f"ConfigMap {ODD[0]} is gone"),
        open=("default", ODD[0]),
        story=(
            Story(at=NOW - 300, words="refused to drain eu-1-node-1: 2 of 4 nodes would not be ready", by="repair"),
            Story(at=NOW - 1_700, words=f"restarted the kubelet of eu-1-node-2: {ODD[3]}", by="repair"),
            Story(at=NOW - 9e5, words="ready after 4 min"),
            Story(at=NOW - 9e5 - 240, words="creating: control-plane"),
        ),
        repairs=(
            RepairDecision(
                target="node eu-1-node-1",
                remedy="replace",
                reason="not ready for 30 min",
                refusal="at most 25% of the nodes may be not ready",
            ),
            RepairDecision(target="node eu-1-node-2", remedy="restart-kubelet", reason="MemoryPressure"),
        ),
        repair_policy="up to 25% nodes not ready, 6 actions per hour",
        temporal="/temporal/namespaces/default/workflows/cluster%2Feu-1",
    )
