"""What an API server tells of an object is its row: health as Argo CD decides it, statuses as kubectl has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from activities.inventory.decoding import Unfit, decoder_of
from domain.inventory.model import Health, ObjectRow
from domain.inventory.rows import READERS
from domain.inventory.scene import Scene

HEALTHY, SUSPENDED, PROGRESSING, UNKNOWN, DEGRADED = Health
TRUE, FALSE = {"status": "True"}, {"status": "False"}
AT = "2026-01-01T00:00:10Z"
AT_S = 1767225610.0


def row_of(kind: str, lost: frozenset[str] = frozenset(), **fields: Any) -> ObjectRow:
    reader = READERS[kind]
    meta = {"name": "x", "namespace": "team", **fields.pop("metadata", {})}
    one = decoder_of(reader.shape).one(json.dumps({"metadata": meta, **fields}).encode())
    assert not isinstance(one, Unfit), one
    return reader.row(one, Scene(cluster="c", lost=lost))


def said(row: ObjectRow) -> tuple[Health, str, str]:
    return row.health, row.status, row.reason


def container(name: str = "main", *, last: dict[str, Any] | None = None, **state: Any) -> dict[str, Any]:
    told: dict[str, Any] = {key: state.pop(key) for key in ("ready", "started", "restartCount") if key in state}
    return {"name": name, "state": state, "lastState": {"terminated": last} if last else {}, **told}


def pod(*containers: dict[str, Any], phase: str = "Running", init: Any = (), **status: Any) -> ObjectRow:
    fields = status.pop("fields", {})
    spec = {"containers": [{"name": "main", "image": "web:1"}], **fields.pop("spec", {})}
    told = {"phase": phase, "containerStatuses": list(containers), "initContainerStatuses": list(init), **status}
    return row_of("Pod", spec=spec, status=told, **fields)


READY = [{"type": "Ready", "status": "True", "lastTransitionTime": AT}]
PULL = container(waiting={"reason": "ImagePullBackOff", "message": "Back-off pulling image"})
CRASHED = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": AT}
CRASHES = container(waiting={"reason": "CrashLoopBackOff"}, last=CRASHED, restartCount=3)
ENDED: dict[str, Any] = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": AT}}
UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/3 nodes are available: 3 Insufficient cpu.",
}
PREEMPTED = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "PreemptionByScheduler",
    "message": "preempted",
}
PODS = {
    "runs": (pod(container(running={}, ready=True), conditions=READY), HEALTHY, "Running", ""),
    "is not ready": (pod(container(running={}, ready=False)), PROGRESSING, "Running", "not ready: main"),
    "cannot be pulled": (
        pod(PULL, phase="Pending"),
        *(DEGRADED, "ImagePullBackOff"),
        "the image web:1 cannot be pulled (ImagePullBackOff): Back-off pulling image",
    ),
    "waits until room is made for it": (
        pod(phase="Pending", conditions=[UNSCHEDULABLE], nominatedNodeName="n1"),
        *(DEGRADED, "Pending"),
        "pods of a lower priority make room for it on node n1: no node has enough cpu free",
    ),
    "makes room for another": (
        pod(container(running={}), conditions=[PREEMPTED], fields={"metadata": {"deletionTimestamp": AT}}),
        *(PROGRESSING, "Terminating"),
        "it makes room for a pod of a higher priority: preempted",
    ),
    "crashes": (
        pod(CRASHES),
        *(DEGRADED, "CrashLoopBackOff"),
        "container main ended with exit code 137 (OOMKilled); 3 restarts, the next after a pause",
    ),
    "runs again after a crash": (
        pod(container(running={}, ready=False, last=CRASHED, restartCount=1)),
        *(DEGRADED, "Running", "container main ended with exit code 137 (OOMKilled); 1 restart"),
    ),
    "waits for a node": (
        pod(phase="Pending", conditions=[UNSCHEDULABLE]),
        *(DEGRADED, "Pending"),
        "no node has enough cpu free",
    ),
    "is gated": (
        pod(phase="Pending", conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
        *(SUSPENDED, "SchedulingGated", "a scheduling gate holds it back"),
    ),
    "is evicted": (
        pod(phase="Failed", reason="Evicted", message="the node was low on memory"),
        *(DEGRADED, "Evicted", "the node was low on memory"),
    ),
    "has failed": (
        pod(container(terminated={"exitCode": 2, "reason": "Error"}), phase="Failed"),
        *(DEGRADED, "Error", "container main ended with exit code 2"),
    ),
    "has succeeded": (pod(container(**ENDED), phase="Succeeded"), HEALTHY, "Completed", ""),
    "initializes": (
        pod(phase="Pending", init=[container("a", **ENDED), container("b", running={})], fields={"spec": {"initContainers": [{"name": "a"}, {"name": "b"}]}}),
        *(PROGRESSING, "Init:1/2", "it is not ready yet"),
    ),
    "cannot initialize": (
        pod(phase="Pending", init=[container("a", waiting={"reason": "CrashLoopBackOff"}, last={"exitCode": 1})]),
        *(DEGRADED, "Init:CrashLoopBackOff"),
        "container a ended with exit code 1; 0 restarts, the next after a pause",
    ),
    "has a sidecar": (
        pod(
            container(running={}, ready=True),
            init=[container("s", running={}, started=True, ready=True)],
            conditions=READY,
            fields={"spec": {"initContainers": [{"name": "s", "restartPolicy": "Always"}]}},
        ),
        *(HEALTHY, "Running", ""),
    ),
    "is deleted": (
        pod(container(running={}), fields={"metadata": {"deletionTimestamp": AT, "deletionGracePeriodSeconds": 5}}),
        *(PROGRESSING, "Terminating", "its deletion was asked for"),
    ),
    "has ended, and a finalizer holds it": (
        pod(phase="Succeeded", fields={"metadata": {"deletionTimestamp": AT, "finalizers": ["a.example/x", "b"]}}),
        *(PROGRESSING, "Succeeded", "its deletion was asked for; finalizers hold it back: a.example/x, b"),
    ),
    "has a word of a stranger": (
        pod(container(waiting={"reason": "Bought<script>", "message": "hello"}), phase="Pending"),
        *(PROGRESSING, "Other", "hello"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PODS)
def test_a_pod_is_told_as_kubectl_tells_it(what):
    found, health, status, reason = PODS[what]

    assert said(found) == (health, status, reason)


def test_a_pod_of_a_lost_node_is_unknown_unless_it_has_ended():
    spec = {"nodeName": "n1"}
    lost = frozenset(("n1",))

    running = row_of("Pod", lost, spec=spec, status={"phase": "Running", "conditions": READY})
    ended = row_of("Pod", lost, spec=spec, status={"phase": "Succeeded"})

    assert said(running) == (UNKNOWN, "NodeLost", "its node n1 is not heard of")
    assert ended.health is HEALTHY


def test_a_pod_says_whose_it_is_since_when_and_what_it_requests():
    limits = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    spec = {
        "containers": [
            {"name": "a", "image": "r.example/web:1.2@sha256:0", "resources": limits},
            {"resources": limits},
        ],
        "initContainers": [{"resources": {"requests": {"cpu": "1"}}}],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "t", "ephemeral": {}}],
    }
    meta = {
        "labels": {"pod-template-hash": "5d", "sluiceway.dev/environment": "production"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-5d", "controller": True}],
    }
    found = row_of("Pod", metadata=meta, spec=spec, status={"phase": "Running", "conditions": READY})

    assert (found.owner, found.service, found.environment) == ("Deployment/web", "web", "production")
    assert (found.cpu_m, found.memory_mb, found.version) == (1000, 128, "1.2")
    assert (found.since, found.details["claims"]) == (AT_S, ["data", "x-t"])
    assert row_of("Pod", spec=spec, status={"phase": "Failed"}).cpu_m == 0


def deployment(
    wanted: int = 3, conditions: Any = (), generation: int = 1, paused: bool = False, **status: Any
) -> ObjectRow:
    told = {"observedGeneration": 1, "conditions": list(conditions), **status}
    spec = {"replicas": wanted, "paused": paused}
    return row_of("Deployment", metadata={"generation": generation}, spec=spec, status=told)


ROLLED_OUT = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
QUOTA = 'pods "web-1" is forbidden: exceeded quota: small, requested: pods=1'
ALL: dict[str, Any] = {"replicas": 3, "updatedReplicas": 3}
DEPLOYMENTS = {
    "is there": (deployment(**ALL, availableReplicas=3, readyReplicas=3), HEALTHY, "Available"),
    "is scaled to zero": (deployment(0), SUSPENDED, "ScaledToZero"),
    "is paused": (deployment(paused=True, **ALL), SUSPENDED, "Paused"),
    "was changed": (deployment(generation=2, **ALL, availableReplicas=3), PROGRESSING, "Progressing"),
    "is updated": (deployment(updatedReplicas=1, replicas=3), PROGRESSING, "Progressing"),
    "has old replicas": (deployment(updatedReplicas=3, replicas=5), PROGRESSING, "Progressing"),
    "is late": (deployment(conditions=[LATE], updatedReplicas=3), DEGRADED, "Stalled"),
    "has too few since": (
        deployment(conditions=[ROLLED_OUT, {"type": "Available", **FALSE}], **ALL, availableReplicas=1),
        *(DEGRADED, "Unavailable"),
    ),
    "is over its quota": (
        deployment(conditions=[{"type": "ReplicaFailure", **TRUE, "message": QUOTA}], replicas=2, updatedReplicas=2),
        *(DEGRADED, "Failing"),
    ),
}


@pytest.mark.parametrize("what", DEPLOYMENTS)
def test_a_deployment_is_as_argo_cd_says_and_degraded_where_nothing_ends_by_itself(what):
    found, health, status = DEPLOYMENTS[what]

    assert (found.health, found.status, bool(found.reason)) == (health, status, health is not HEALTHY)


def test_a_quota_that_is_exceeded_is_the_reason_of_its_deployment():
    assert "the namespace's quota is exhausted: small" in DEPLOYMENTS["is over its quota"][0].reason


OTHERS = {
    "a stateful set": (row_of("StatefulSet", spec={"replicas": 2}, status={"readyReplicas": 1}), PROGRESSING, "Progressing"),
    "a daemon set": (
        row_of("DaemonSet", status={"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}),
        *(HEALTHY, "Available"),
    ),
    "a job that failed": (
        row_of("Job", status={"conditions": [{"type": "Failed", **TRUE, "message": "too often"}]}),
        *(DEGRADED, "Failed"),
    ),
    "a job that is done": (row_of("Job", status={"conditions": [{"type": "Complete", **TRUE}]}), HEALTHY, "Complete"),
    "a cron job": (row_of("CronJob", spec={"schedule": "* * * * *", "suspend": True}), SUSPENDED, "Suspended"),
    "a node": (row_of("Node", status={"conditions": [{"type": "Ready", **TRUE}]}), HEALTHY, "Ready"),
    "a node that takes none": (
        row_of("Node", spec={"unschedulable": True}, status={"conditions": [{"type": "Ready", **TRUE}]}),
        *(SUSPENDED, "Ready,SchedulingDisabled"),
    ),
    "a silent node": (row_of("Node", status={"conditions": [{"type": "Ready", "status": "Unknown"}]}), UNKNOWN, "Unknown"),
    "a full node": (
        row_of("Node", status={"conditions": [{"type": "Ready", **TRUE}, {"type": "DiskPressure", **TRUE}]}),
        *(DEGRADED, "DiskPressure"),
    ),
    "a claim": (row_of("PersistentVolumeClaim", status={"phase": "Pending"}), PROGRESSING, "Pending"),
    "a lost claim": (row_of("PersistentVolumeClaim", status={"phase": "Lost"}), DEGRADED, "Lost"),
    "a kept volume": (
        row_of("PersistentVolume", spec={"persistentVolumeReclaimPolicy": "Retain"}, status={"phase": "Released"}),
        *(SUSPENDED, "Released"),
    ),
    "a full quota": (
        row_of("ResourceQuota", status={"hard": {"pods": "4"}, "used": {"pods": "4"}}),
        *(DEGRADED, "Full"),
    ),
    "a quota": (row_of("ResourceQuota", status={"hard": {"cpu": "2"}, "used": {"cpu": "1700m"}}), HEALTHY, "High"),
    "an empty quota of nothing": (row_of("ResourceQuota", status={"hard": {"pods": "0"}}), HEALTHY, "Free"),
    "a blind autoscaler": (
        row_of("HorizontalPodAutoscaler", status={"conditions": [{"type": "AbleToScale", **TRUE}, {"type": "ScalingActive", **FALSE}]}),
        *(DEGRADED, "Failing"),
    ),
    "a service": (row_of("Service", spec={"type": "LoadBalancer"}), PROGRESSING, "LoadBalancer"),
    "no endpoint is ready": (
        row_of("EndpointSlice", endpoints=[{"addresses": ["10.0.0.1"], "conditions": {"ready": False}}]),
        *(DEGRADED, "NotReady"),
    ),
    "no endpoint": (row_of("EndpointSlice", endpoints=None, ports=None), HEALTHY, "Empty"),
    "a snapshot": (row_of("VolumeSnapshot", status={"error": {"message": "no room"}}), DEGRADED, "Failed"),
    "a namespace that does not end": (
        row_of(
            "Namespace",
            metadata={"deletionTimestamp": AT},
            status={"conditions": [{"type": "NamespaceContentRemaining", **TRUE, "message": "1 pod"}]},
        ),
        *(PROGRESSING, "Terminating"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHERS)
def test_every_kind_has_a_health_and_a_status(what):
    found, health, status = OTHERS[what]

    assert (found.health, found.status, bool(found.reason)) == (health, status, health is not HEALTHY)


def test_an_autoscaler_shows_what_it_sees():
    target, current = {"averageUtilization": 80}, {"averageUtilization": 95, "averageValue": "950m"}
    found = row_of(
        "HorizontalPodAutoscaler",
        spec={
            "scaleTargetRef": {"kind": "Deployment", "name": "web"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
        status={"currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]},
    )

    assert found.details["metrics"] == [{"name": "cpu", "type": "Resource", "target": "80%", "current": "95%"}]
    assert found.details["target"] == "Deployment/web"


def test_a_policy_tells_whom_it_lets_in_and_out():
    spec = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]},
            {"from": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}], "ports": [{"port": 80, "endPort": 90}]},
        ],
        "egress": [{"to": [{"podSelector": {}, "namespaceSelector": {}}], "ports": [{"protocol": "UDP"}]}],
    }
    found = row_of("NetworkPolicy", spec=spec)

    assert found.status == "Ingress,Egress"
    assert found.details["selector"] == {"labels": {"app": "web"}}
    assert found.details["ingress"] == [
        {
            "peers": [
                {"of": "pods", "pods": {}},
                {"of": "network", "cidr": "10.0.0.0/8", "excepted": ["10.1.0.0/16"]},
            ]
        },
        {"peers": [{"of": "namespaces", "namespaces": {"labels": {"team": "a"}}}], "ports": ["80-90/TCP"]},
    ]
    assert found.details["egress"] == [
        {"peers": [{"of": "pods-in-namespaces", "pods": {}, "namespaces": {}}], "ports": ["*/UDP"]}
    ]


def test_a_quota_says_how_full_each_resource_is_the_fullest_first():
    hard, used = {"requests.cpu": "2", "requests.memory": "1Gi"}, {"requests.cpu": "500m", "requests.memory": "768Mi"}
    found = row_of("ResourceQuota", status={"hard": hard, "used": used})

    assert [(one["name"], one["percent"]) for one in found.details["resources"]] == [
        ("requests.memory", 75),
        ("requests.cpu", 25),
    ]
    assert (found.wanted, found.details["fullest"]) == (75, "requests.memory")
