"""Whether a version's pods answer as wanted, and why they never will: read from what the cluster says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from domain.clusters import metadata, pending
from domain.core.documents import Node, Object

AUTOSCALED = "TriggeredScaleUp"
"""The reason of an event by which the cluster autoscaler says that a node is coming."""
SCHEDULING_S = 15.0
"""A pod without a node is given so long: the scheduler may know of a free one in a moment."""
PULL_S = 10.0
"""And so is a pod whose image is not there at the first try."""
RESTARTS = 2
"""A container that ended so often before it was ready has failed."""
_NEVER = ("InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError")
_LATE = ("ImagePullBackOff", "ErrImagePull", "RegistryUnavailable")


@dataclass(frozen=True)
class Seen:
    """A version's objects in a cluster at one moment."""

    deployment: Object | None = None
    pods: Sequence[Object] = ()
    slices: Sequence[Object] = ()
    """EndpointSlices of the version's own Service."""
    events: Sequence[Object] = ()
    """About its pods, in time order."""

    @property
    def answering(self) -> int:
        """Number of pods that are ready and not ending, as the routers are told."""
        return len({name for one in self.slices for name in _ready(one)})


def missing(seen: Seen, wanted: int) -> str:
    """What of `wanted` answering pods is still missing; empty: they are there, and no others.

    An autoscaler may have made more of them, which is fine as long as all of them answer.
    """
    if seen.deployment is None:
        return "its Deployment does not exist"
    said = Node(seen.deployment)
    status = said["status"]
    if status["observedGeneration"].whole() < said.at("metadata", "generation").whole():
        return "the cluster has not looked at its Deployment yet"
    count = said.at("spec", "replicas").whole(1)
    if count < wanted:
        return f"{count} of {wanted} pods are asked for"
    for what in ("updatedReplicas", "availableReplicas"):
        if status[what].whole() < count:
            return f"{status[what].whole()} of {count} pods are {what.removesuffix('Replicas')}"
    if seen.answering < count:
        return f"{seen.answering} of {count} pods are endpoints of its Service"
    return ""


def _ready(slice_: Object) -> Iterator[str]:
    """Names of the pods that a slice has as ready and not terminating (discovery.k8s.io/v1)."""
    for one in Node(slice_)["endpoints"]:
        about = one["conditions"]
        if about["ready"].value is not False and not about["terminating"]:
            yield one.at("targetRef", "name").text() or "/".join(one["addresses"].texts())


def hopeless(seen: Seen, waited_s: float) -> str:
    """Why it will not become ready, however long one waits; empty: it may. `waited_s`: since it was applied."""
    for one in Node(seen.deployment).at("status", "conditions"):
        if one["type"].text() == "ReplicaFailure" and one["status"].text() == "True":
            return f"its pods are refused: {pending.refused(one['message'].text())}"
    return next((why for pod in seen.pods if (why := _never_starts(pod, seen, waited_s) or _keeps_ending(pod))), "")


def job_is_stuck(job: Object, seen: Seen, waited_s: float) -> str:
    """Why no pod of a Job will ever start; empty: one may. How often one may end is the Job's own business.

    Events outlive the objects that they are about, and another Job may have had its name.
    """
    for one in map(Node, seen.events):
        is_mine = one.at("involvedObject", "uid").text() == metadata.uid(job)
        if is_mine and one["reason"].text() == "FailedCreate":
            return f"its pods are refused: {pending.refused(one['message'].text())}"
    return next((why for pod in seen.pods if (why := _never_starts(pod, seen, waited_s))), "")


def failing(seen: Seen) -> tuple[str, str]:
    """A pod and its container whose output says why it is not ready; empty: there is none."""
    for pod in seen.pods:
        for one in _containers(pod):
            if one["restartCount"].whole() or not one["ready"].value:
                return metadata.name(pod), one["name"].text()
    return "", ""


def _never_starts(pod: Object, seen: Seen, waited_s: float) -> str:
    name = metadata.name(pod)
    mine = [one for one in seen.events if Node(one).at("involvedObject", "name").text() == name]
    reasons = {Node(one)["reason"].text() for one in mine}
    waits = pending.waiting(pod)
    if waits in _NEVER or (waits in _LATE and waited_s >= PULL_S):
        return pending.cause(pod, mine)
    if _is_unscheduled(pod) and waited_s >= SCHEDULING_S and AUTOSCALED not in reasons:
        return f"pod {name} has no node: {pending.cause(pod, mine)}"
    return ""


def _keeps_ending(pod: Object) -> str:
    for one in _containers(pod):
        times = one["restartCount"].whole()
        if times >= RESTARTS and not one["ready"].value:
            return f"container {one['name'].text()} of pod {metadata.name(pod)} ended {times} times{_end(one)}"
    return ""


def _containers(pod: Object) -> Iterator[Node]:
    status = Node(pod)["status"]
    return chain(status["initContainerStatuses"], status["containerStatuses"])


def _is_unscheduled(pod: Object) -> bool:
    conditions = Node(pod).at("status", "conditions")
    return any(one["type"].text() == "PodScheduled" and one["status"].text() == "False" for one in conditions)


def _end(container: Node) -> str:
    last = container.at("lastState", "terminated")
    return f", last with {last['reason'].text()} (exit code {last['exitCode'].whole()})" if last else ""
