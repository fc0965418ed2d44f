"""Controllers of the API server in memory: pods of Deployments, endpoints of Services, ends of Jobs, autoscalers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object

_SLICE = "-slice"
"""Ends the names of the endpoints made here; others were written by hand, and stay."""


def act(
    objects: Sequence[Object], waiting: Mapping[str, str], failing: Collection[str]
) -> tuple[list[Manifest], list[Object]]:
    """What the controllers write, and what they delete, of the objects of one namespace."""
    made: list[Manifest] = []
    pods: list[Manifest] = []
    for one in _of(objects, "Deployment"):
        count = _count(one, objects)
        mine = [_pod(one, index, waiting) for index in range(count)]
        pods += mine
        made.append(_scaled(one, count, sum(map(is_ready, mine))))
    made += [_slice(one, pods) for one in _of(objects, "Service") if Node(one).at("spec", "selector")]
    made += [_ended(one, failing) for one in _of(objects, "Job")]
    pods += [_job_pod(one, failing) for one in _of(objects, "Job")]
    kept = {metadata.name(one) for one in (*pods, *made)}
    slices = [one for one in _of(objects, "EndpointSlice") if metadata.name(one).endswith(_SLICE)]
    gone = [one for one in (*_of(objects, "Pod"), *slices) if metadata.name(one) not in kept]
    return made + pods, gone


def is_ready(pod: Object) -> bool:
    """Whether its condition Ready is true."""
    conditions = Node(pod).at("status", "conditions")
    return any(one["type"].text() == "Ready" and one["status"].text() == "True" for one in conditions)


def _of(objects: Sequence[Object], kind: str) -> Iterator[Object]:
    return (one for one in objects if Node(one)["kind"].text() == kind)


def _count(deployment: Object, objects: Sequence[Object]) -> int:
    """As it says, but at least what its autoscaler says; 0 turns the autoscaler off."""
    wanted = Node(deployment).at("spec", "replicas").whole(1)
    for one in _of(objects, "HorizontalPodAutoscaler"):
        if wanted and Node(one).at("spec", "scaleTargetRef", "name").text() == metadata.name(deployment):
            wanted = max(wanted, Node(one).at("spec", "minReplicas").whole(1))
    return wanted


def _scaled(one: Object, count: int, ready: int) -> Manifest:
    status = {
        "observedGeneration": Node(one).at("metadata", "generation").whole(),
        "replicas": count,
        "updatedReplicas": count,
        "readyReplicas": ready,
        "availableReplicas": ready,
    }
    return {**one, "spec": {**Node(one)["spec"].object(), "replicas": count}, "status": status}


def _pod(owner: Object, index: int, waiting: Mapping[str, str]) -> Manifest:
    template = Node(owner).at("spec", "template")
    image = template.at("spec", "containers").first()["image"].text()
    name = template.at("spec", "containers").first()["name"].text()
    reason = waiting.get(image, "")
    state: Manifest = {"waiting": {"reason": reason}} if reason else {"running": {}}
    container: Manifest = {
        "name": name,
        "image": image,
        "ready": not reason,
        "restartCount": 3 if reason else 0,
        "state": state,
    }
    meta = {
        **template["metadata"].object(),
        "name": f"{metadata.name(owner)}-{index}",
        "namespace": metadata.namespace(owner),
        "ownerReferences": [{"kind": "Deployment", "name": metadata.name(owner), "uid": metadata.uid(owner)}],
    }
    status: Manifest = {
        "phase": "Pending" if reason else "Running",
        "podIP": f"10.0.0.{index + 1}",
        "conditions": [{"type": "Ready", "status": "False" if reason else "True"}],
        "containerStatuses": [container],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"].object(), "status": status}


def _slice(service: Object, pods: Sequence[Object]) -> Manifest:
    wanted = Node(service).at("spec", "selector").strings()
    chosen = [one for one in pods if wanted.items() <= metadata.labels(one).items()]
    endpoints: list[Manifest] = [
        {
            "addresses": [Node(one).at("status", "podIP").text()],
            "conditions": {"ready": is_ready(one), "serving": is_ready(one), "terminating": False},
            "targetRef": {"kind": "Pod", "name": metadata.name(one)},
        }
        for one in chosen
    ]
    name = metadata.name(service)
    meta: Manifest = {
        "name": f"{name}{_SLICE}",
        "namespace": metadata.namespace(service),
        "labels": {"kubernetes.io/service-name": name},
    }
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": meta,
        "addressType": "IPv4",
        "endpoints": [*endpoints],
        "ports": Node(service).at("spec", "ports").value,
    }


def _fails(job: Object, failing: Collection[str]) -> bool:
    image = Node(job).at("spec", "template", "spec", "containers").first()["image"].text()
    return image in failing or metadata.name(job) in failing


def _ended(job: Object, failing: Collection[str]) -> Manifest:
    failed = _fails(job, failing)
    condition = {"type": "Failed" if failed else "Complete", "status": "True", "reason": "BackoffLimitExceeded"}
    return {**job, "status": {"failed" if failed else "succeeded": 1, "conditions": [condition]}}


def _job_pod(job: Object, failing: Collection[str]) -> Manifest:
    made = _pod(job, 0, {})
    meta = {**Node(made)["metadata"].object(), "labels": {"batch.kubernetes.io/job-name": metadata.name(job)}}
    return {**made, "metadata": meta, "status": {"phase": "Failed" if _fails(job, failing) else "Succeeded"}}
