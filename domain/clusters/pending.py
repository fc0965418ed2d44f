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


_CAUSES = (
    (re.compile(r"exceeded quota: (?P<what>.+)", re.S), "the namespace's quota is exhausted: {what}"),
    (re.compile(r"Insufficient (?P<what>[\w/-]+(?:\.[\w/-]+)*)"), "no node has enough {what} free"),
    (re.compile(r"untolerated taint(?:\(s\))? ?\{?(?P<what>[^}]*)\}?"), "it does not tolerate a taint: {what}"),
    (re.compile(r"volume node affinity conflict"), "no suitable node is in its volume's zone"),
    (re.compile(r"unbound immediate PersistentVolumeClaims|claim \S+ not found"), "its claim has no volume"),
    (re.compile(r"node affinity/selector"), "no node matches its node selector or affinity"),
    (re.compile(r"Too many pods"), "every node is at its pod limit"),
    (re.compile(r"no nodes available|0/0 nodes"), "the cluster has no nodes"),
)  # fmt: skip


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
    """Why no node takes a pod, from the scheduler's message."""
    found = [words.format(**match.groupdict()) for pattern, words in _CAUSES if (match := pattern.search(said))]
    return f"{'; '.join(found)} ({said[:200]})" if found else said[:300]


_REFUSED = (
    _CAUSES[0],
    (re.compile(r'namespaces "(?P<what>[^"]+)" not found'), "the cluster has no namespace {what}"),
)


def refused(said: str) -> str:
    """Why the API server rejects a pod, as text."""
    for pattern, words in _REFUSED:
        if match := pattern.search(said):
            return words.format(**match.groupdict())[:500]
    return said[:500]
