"""How pods and other objects are named to people, and that there is none."""

from __future__ import annotations

from domain.clusters import metadata
from domain.core import ids, names
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.pods.manifest import WORKFLOW
from workers.client.ports.pods import ObjectAt, PodPlan

NOWHERE = "no workflow of a pod has this id, or you may not know of it"


def named_in(id_: str) -> tuple[str, str, str, int]:
    """Cluster, namespace, name and attempt.

    Raises:
        SluicewayError: SLW950, it is no id of a pod.
    """
    kind, *rest = id_.split("/")
    if kind != "pod" or len(rest) != 4 or not all(map(names.is_name, rest[:3])) or not rest[3].isdecimal():
        raise missing(id_, "an id is pod/CLUSTER/NAMESPACE/NAME/ATTEMPT")
    return rest[0], rest[1], rest[2], int(rest[3])


def workflow_of(found: Object, what: ObjectAt) -> str:
    """The workflow that a pod says is its own, if that could be; empty: it has none. Whoever writes to the cluster may
    have written it, so it counts only where the name of the pod is one that the workflow gives.
    """
    said = metadata.annotations(found).get(WORKFLOW, "")
    return said if ids.is_of_pod(said, what.cluster, what.namespace, what.name) else ""


def where_of(what: ObjectAt) -> str:
    """`CLUSTER/NAMESPACE/KIND/NAME`."""
    return f"{what.cluster}/{what.namespace}/{what.kind}/{what.name}"[:400]


def missing(where: str, why: str) -> SluicewayError:
    """There is no such pod, or other object."""
    return SluicewayError("SLW950", f"there is no {where[:300]}", why=why, fix="sluiceway pod list CLUSTER")


def why_not(plan: PodPlan) -> str:
    """Why a plan cannot be started, in one text."""
    wrong = [f"{one.field}: {one.words}" for one in plan.errors]
    wrong += [f"line {one.line}: {one.what}" for one in plan.remarks if one.severity == "error"]
    return "; ".join([*wrong, *filter(None, [plan.tried, plan.exists])])[:1_000]
