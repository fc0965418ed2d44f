"""Whether a namespace's quotas leave room for the pods of one more version.

Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.clusters import metadata
from domain.clusters.health import quantity
from domain.core.documents import Node, Object

_OF_CONTAINERS = {
    "cpu": ("requests", "cpu"),
    "requests.cpu": ("requests", "cpu"),
    "limits.cpu": ("limits", "cpu"),
    "memory": ("requests", "memory"),
    "requests.memory": ("requests", "memory"),
    "limits.memory": ("limits", "memory"),
}


def lacking(quotas: Iterable[Object], pod: Node, more: int) -> list[str]:
    """What is missing for `more` pods of a template beside all that runs; quotas for some pods only are left out."""
    lines = []
    for one in quotas:
        said = Node(one)
        if said.at("spec", "scopes") or said.at("spec", "scopeSelector"):
            continue
        for what, hard in said.at("status", "hard").fields():
            need = _of_pod(pod, what) * more
            used, most = quantity(said.at("status", "used", what).text()), quantity(hard.text())
            if need and used + need > most * (1 + 1e-9):
                asked = f"{more} pods need {need:g} of {what}"
                lines.append(f"{asked}, and quota {metadata.name(one)} has {max(most - used, 0):g} of {most:g} left")
    return lines


def _of_pod(pod: Node, what: str) -> float:
    """What one pod counts for: its containers together, or its largest init container where that is more."""
    if what in ("pods", "count/pods"):
        return 1.0
    if what not in _OF_CONTAINERS:
        return 0.0
    kind, name = _OF_CONTAINERS[what]
    together = sum(_amount(one, kind, name) for one in pod["containers"])
    return max([together, *(_amount(one, kind, name) for one in pod["initContainers"])])


def _amount(container: Node, kind: str, name: str) -> float:
    """A container that names a limit only requests that much."""
    said = container["resources"]
    found = said[kind][name].text() or (said["limits"][name].text() if kind == "requests" else "")
    return quantity(found) if found else 0.0
