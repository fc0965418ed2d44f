"""Why a pod is pending."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from domain.core.documents import Node, Object

PENDING_S = 20.0
"""After this many seconds pending, a pod's events are read."""


def waiting(pod: Object) -> str:
    """The waiting reason of a container, from its own status: `ErrImagePull`, `ContainerCreating`."""
    status = Node(pod)["status"]
    for one in chain(status["initContainerStatuses"], status["containerStatuses"]):
        reason = one.at("state", "waiting", "reason").text()
        if reason not in ("", "PodInitializing"):
            return reason
    return ""


_QUOTA = (re.compile(r"exceeded quota: (?P<what>.+)", re.S), "the namespace's quota is exhausted: {what}")
_CAUSES = (
    (
        re.compile(r"Insufficient (?P<what>[\w/-]+(?:\.[\w/-]+)*)"),
        "no node has enough {what} free",
        "{some} of {all} nodes: not enough {what} free",
    ),
    (
        re.compile(r"untolerated taint(?:\(s\))? ?\{(?P<what>[^}]*)\}"),
        "it does not tolerate a taint: {what}",
        "{some} of {all} nodes: it does not tolerate the taint {what}",
    ),
    (
        re.compile(r"untolerated taint"),
        "every node has a taint that it does not tolerate",
        "{some} of {all} nodes: a taint that it does not tolerate",
    ),
    (re.compile(r"were unschedulable"), "every node is cordoned", "{some} of {all} nodes: cordoned"),
    (
        re.compile(r"volume node affinity conflict"),
        "no suitable node is in its volume's zone",
        "{some} of {all} nodes: not in its volume's zone",
    ),
    (
        re.compile(r"node affinity/selector"),
        "no node matches its node selector or affinity",
        "{some} of {all} nodes: no match of its node selector or affinity",
    ),
    (
        re.compile(r"anti-affinity"),
        "its anti-affinity keeps it from every node",
        "{some} of {all} nodes: its anti-affinity keeps it away",
    ),
    (
        re.compile(r"topology spread constraints"),
        "its topology spread constraints keep it from every node",
        "{some} of {all} nodes: its topology spread constraints keep it away",
    ),
    (
        re.compile(r"free ports"),
        "its host port is taken on every node",
        "{some} of {all} nodes: its host port is taken",
    ),
    (re.compile(r"Too many pods"), "every node is at its pod limit", "{some} of {all} nodes: at the pod limit"),
)
"""Of a node: what the scheduler says, why no node takes the pod, and why some do not."""
_ELSE = (
    (re.compile(r"unbound immediate PersistentVolumeClaims"), "its claim has no volume"),
    (re.compile(r"persistentvolumeclaim \"(?P<what>[^\"]*)\" not found"), "its claim {what} does not exist"),
    (re.compile(r"no nodes available|0/0 nodes"), "the cluster has no nodes"),
)
"""Of the pod or the cluster."""
_NODES = re.compile(r"(?:^|, )(\d{1,9}) (.+?)(?=, \d{1,9} |$)", re.S)
_HEAD = re.compile(r"0/(\d{1,9}) nodes(?: are available)?: ")
MOST_SAID, MOST_WORDS = 2_000, 300
"""Characters of a scheduler's message that are looked at, and of what is told of it."""


PULL = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable")
"""Reasons of containers whose image is not there."""

_UNPULLABLE = re.compile(r"ImagePullBackOff|ErrImageNeverPull|InvalidImageName|^the image .* cannot be pulled", re.S)


def is_unpullable(reason: str) -> bool:
    """Whether a pod waits for an image without hope. After one failure (ErrImagePull) a kubelet tries again."""
    return bool(_UNPULLABLE.search(reason))


def cause(pod: Object, events: Iterable[Object]) -> str:
    """Why a pod is pending, as text; `events` in time order. The newest informative event counts."""
    if waiting(pod) in PULL:
        image = Node(pod).at("spec", "containers").first()["image"].text()
        return f"the image {image} cannot be pulled ({waiting(pod)})"
    for event in reversed(list(events)):
        about = Node(event)
        if words := of_event(about["reason"].text(), about["message"].text() or about["note"].text()):
            return words
    return waiting(pod) or "not scheduled yet, for an unknown reason"


def of_event(reason: str, said: str) -> str:
    """What an event says of why its pod is pending, as text; empty: nothing of that."""
    if reason == "FailedScheduling":
        return scheduling(said)
    if reason in ("Failed", "BackOff") and "image" in said.lower():
        return f"the image cannot be pulled: {said[:200]}"
    return f"{reason}: {said[:300]}" if reason.startswith(("Failed", "Error")) else ""


def scheduling(said: str) -> str:
    """Why no node takes a pod, from the scheduler's message; what it says of preemption is left out.

    Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/scheduler/framework/types.go (FitError)
    """
    head = said[:MOST_SAID].partition(". ")[0].removesuffix(".")
    if found := [words.format(**one.groupdict()) for pattern, words in _ELSE if (one := pattern.search(head))]:
        return "; ".join(found)
    begins = _HEAD.match(head)
    nodes = [(int(some), why) for some, why in _NODES.findall(head[begins.end() :] if begins else head)]
    every = int(begins[1]) if begins else sum(some for some, _ in nodes)
    told = [_of_nodes(some, every, why) for some, why in sorted(nodes, key=lambda one: -one[0])]
    return "; ".join(filter(None, told))[:MOST_WORDS] or said[:MOST_WORDS]


def _of_nodes(some: int, every: int, said: str) -> str:
    """Why so many of all nodes do not take a pod."""
    for pattern, of_all, of_some in _CAUSES:
        if match := pattern.search(said):
            return (of_all if some >= every else of_some).format(some=some, all=every, **match.groupdict())
    return "" if some >= every else f"{some} of {every} nodes: {said.removeprefix('node(s) ')}"


_REFUSED = (
    _QUOTA,
    (re.compile(r'namespaces "(?P<what>[^"]+)" not found'), "the cluster has no namespace {what}"),
)


def refused(said: str) -> str:
    """Why the API server rejects a pod, as text."""
    for pattern, words in _REFUSED:
        if match := pattern.search(said):
            return words.format(**match.groupdict())[:500]
    return said[:500]
