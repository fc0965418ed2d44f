"""What the activities of clusters claim from the signer before they touch one."""

from __future__ import annotations

from temporalio import activity

from activities.authority.cluster_forms import form, plain
from activities.clusters.port import RepairInput
from domain.authority.cluster_orders import APPLY_REQUEST, END_REQUEST
from domain.authority.permit import Claim, Effect
from domain.clusters.requests import ClusterRequest
from domain.clusters.spec import ClusterSpec


def change(spec: ClusterSpec, action: str) -> Claim:
    """A phase of a cluster, or a look at it: both run what the definition names."""
    use = spec.use
    return Claim(
        effect=Effect.CLUSTER,
        subject=spec.name,
        what=form(spec),
        run=spec.asked_by or use.run,
        job=use.cell or use.job,
        attempt=use.attempt,
        action=action,
    )


def request(id_: str, asked: ClusterRequest, *, back: bool) -> Claim:
    """A request to a cluster that was made elsewhere, done or taken back."""
    action = END_REQUEST if back else APPLY_REQUEST
    return Claim(effect=Effect.CLUSTER, subject=asked.cluster, what={"request": plain(asked)}, run=id_, action=action)


def repair(input: RepairInput, action: str) -> Claim:
    """One repair. Its task is part of it, so that what is tried again counts once."""
    info = activity.info()
    task = f"{info.workflow_run_id}/{info.activity_id}"
    return Claim(
        effect=Effect.CLUSTER,
        subject=input.cluster,
        what={"decision": plain(input.decision), "task": task},
        action=action,
    )
