"""Whose right it takes to read the encrypted payloads of an execution. What has no rule here, nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind, placed_by_name
from domain.authority.seals import scheduled_base
from domain.core.ids import environment_of


@dataclass(frozen=True)
class Question:
    """What is asked before a payload is shown."""

    action: Action
    resource: Resource


def question(workflow_id: str) -> Question | None:
    """Of an execution, by its id, which is under the payload's authentication; None: nobody may."""
    kind, slash, rest = (scheduled_base(workflow_id) or workflow_id).partition("/")
    parts = rest.split("/")
    if kind == "audit":
        return Question(Action.AUDIT_READ, ENGINE)
    if kind == "rescan":
        return Question(Action.FINDINGS_READ, ENGINE)
    if not slash or not all(parts):
        return None
    if kind == "queue":
        return Question(Action.QUEUES_READ, ENGINE)
    if kind == "approval":
        return _approval(parts)
    if kind in ("pod", "pods", "volume", "cluster", "heal", "request"):
        return _of(Action.CLUSTERS_READ, ResourceKind.CLUSTER, parts[0], cluster=parts[0])
    return _whole(kind, rest, len(parts))


def _whole(kind: str, name: str, parts: int) -> Question | None:
    match kind, parts:
        case "run", 2:
            return _of(Action.RUNS_READ, ResourceKind.RUN, f"run/{name}")
        case "release", 3:
            return _of(Action.RELEASES_READ, ResourceKind.RELEASE, f"release/{name}")
        case (("pipeline" | "scheduled"), 1):
            return _of(Action.RUNS_READ, ResourceKind.PIPELINE, name, pipeline=name)
        case "environment", 1:
            environment = environment_of(name)
            return _of(Action.ENVIRONMENTS_READ, ResourceKind.ENVIRONMENT, environment, environment=environment)
    return None


def _approval(parts: list[str]) -> Question | None:
    """`approval/PIPELINE/N/JOB`, `approval/release/SERVICE/ENVIRONMENT/N/STEP`, `approval/request/CLUSTER/N/change`: of
    a release it is the release's, of a request the cluster's.
    """
    if parts[0] == "release" and len(parts) >= 5:
        return _of(Action.RELEASES_READ, ResourceKind.RELEASE, "/".join(parts[:4]))
    if parts[0] == "request" and len(parts) >= 4:
        return _of(Action.APPROVALS_READ, ResourceKind.CLUSTER, parts[1], cluster=parts[1])
    if len(parts) < 3:
        return None
    return _of(Action.APPROVALS_READ, ResourceKind.RUN, f"run/{parts[0]}/{parts[1]}")


def _of(
    action: Action, kind: ResourceKind, name: str, *, pipeline: str = "", environment: str = "", cluster: str = ""
) -> Question:
    resource = Resource(kind=kind, name=name, pipeline=pipeline, environment=environment, cluster=cluster)
    return Question(action, placed_by_name(resource))
