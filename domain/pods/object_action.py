"""What people do with objects that Sluiceway did not make: restart a workload, delete a pod or a job."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object


class ObjectAction(StrEnum):
    """One effect on one object."""

    RESTART = "restart"
    """All pods of a workload are replaced, at the pace of its own strategy."""
    DELETE = "delete"


RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""Annotation of a pod template: a new value is a new template, as `kubectl rollout restart` does it.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-k8s-io-restart-at
"""
API_VERSIONS: Mapping[str, str] = MappingProxyType(
    {"Pod": "v1", "Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1"}
)
"""Kinds that something can be done with."""
KINDS: Mapping[ObjectAction, tuple[str, ...]] = MappingProxyType(
    {
        ObjectAction.RESTART: ("Deployment", "StatefulSet", "DaemonSet"),
        ObjectAction.DELETE: ("Pod", "Job"),
    }
)


def refusal(action: ObjectAction, kind: str, found: Object | None, uid: str) -> str:
    """Why it is not done to what is there now, as a sentence; empty: it is done. `uid`: of what was looked at."""
    if kind not in KINDS[action]:
        return f"{action} is for {' and '.join(KINDS[action])}, and this is a {kind}"
    if found is None:
        return "it is not there any more"
    if uid and metadata.uid(found) != uid:
        return "another object has its name by now"
    if action is ObjectAction.RESTART and Node(found).at("spec", "paused").value is True:
        return "it is paused: resume it first, as `kubectl rollout restart` asks too"
    return ""


def restart(uid: str, at: str) -> Manifest:
    """The merge patch of a restart. `at`: RFC 3339, of the wish, so that another try restarts nothing again."""
    template: Manifest = {"metadata": {"annotations": {RESTARTED_AT: at}}}
    return {"metadata": {"uid": uid}, "spec": {"template": template}}


def is_restarted(found: Object, at: str) -> bool:
    """Whether this very restart was asked for before."""
    notes = Node(found).at("spec", "template", "metadata", "annotations").strings()
    return notes.get(RESTARTED_AT, "") == at
