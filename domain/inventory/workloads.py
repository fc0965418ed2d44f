"""Rows of Deployments, StatefulSets and DaemonSets: health as Argo CD decides it, with two rules more.

A workload without replicas is suspended. One that was rolled out and has too few replicas since is degraded: nothing is
on its way that would end by itself.

Source: https://github.com/argoproj/gitops-engine/tree/master/pkg/health
"""

from __future__ import annotations

from itertools import islice

from domain.clusters import pending
from domain.inventory.details import MOST_ITEMS, WorkloadDetails
from domain.inventory.model import Health, ObjectRow
from domain.inventory.pods import claims_of, requested
from domain.inventory.scene import Scene, ending_since, row, version_of, why_ending
from domain.inventory.shapes import Condition, PodSpec
from domain.inventory.texts import clean, condition, conditions, labels, moment, number, selector
from domain.inventory.workload_shapes import Workload

REVISION = "deployment.kubernetes.io/revision"
Seen = tuple[Health, str, str]
"""Health, status, reason."""
_FINE: Seen = (Health.HEALTHY, "Available", "")


def deployment_row(one: Workload, scene: Scene) -> ObjectRow:
    """Deployment."""
    wanted = number(1 if one.spec.replicas is None else one.spec.replicas)
    return _row(
        one, scene, "Deployment", wanted, one.status.ready_replicas, _common(one, wanted) or _deployed(one, wanted)
    )


def stateful_set_row(one: Workload, scene: Scene) -> ObjectRow:
    """StatefulSet."""
    wanted = number(1 if one.spec.replicas is None else one.spec.replicas)
    return _row(
        one, scene, "StatefulSet", wanted, one.status.ready_replicas, _common(one, wanted) or _ordered(one, wanted)
    )


def daemon_set_row(one: Workload, scene: Scene) -> ObjectRow:
    """DaemonSet: it wants a pod on each node that fits."""
    said = one.status
    wanted = number(said.desired_number_scheduled)
    return _row(one, scene, "DaemonSet", wanted, said.number_ready, _common(one, -1) or _everywhere(one, wanted))


def _row(one: Workload, scene: Scene, kind: str, wanted: int, ready: int, seen: Seen) -> ObjectRow:
    health, status, reason = seen
    spec = one.spec.template.spec
    cpu, memory = requested(spec)
    images = images_of(spec)
    made = row(
        scene,
        kind,
        one.metadata,
        health,
        status,
        _details(one),
        reason=reason,
        since=_since(one, health),
        version=version_of(one.metadata, images[0] if images else ""),
        wanted=wanted,
        ready=number(ready),
        cpu_m=cpu,
        memory_mb=memory,
    )
    if not made.service:
        object.__setattr__(made, "service", made.name)  # nobody else has it yet
    return made


def images_of(spec: PodSpec) -> list[str]:
    """Of its containers, without init containers."""
    return [clean(each.image) for each in islice(spec.containers or (), MOST_ITEMS)]


def _common(one: Workload, wanted: int) -> Seen | None:
    if ending_since(one.metadata):
        return Health.PROGRESSING, "Terminating", why_ending(one.metadata)
    if wanted == 0:
        return Health.SUSPENDED, "ScaledToZero", "it is scaled to zero replicas"
    if (one.metadata.generation or 0) > one.status.observed_generation:
        return Health.PROGRESSING, "Progressing", "its controller has not seen the latest change yet"
    return None


def _deployed(one: Workload, wanted: int) -> Seen:
    said = one.status
    progressing, failure = (condition(said.conditions, kind) for kind in ("Progressing", "ReplicaFailure"))
    if failure.status == "True":
        return Health.DEGRADED, "Failing", pending.refused(failure.message or failure.reason or "")
    if progressing.reason == "ProgressDeadlineExceeded":
        why = f"it exceeded its progress deadline with {said.available_replicas} of {wanted} replicas available"
        return Health.DEGRADED, "Stalled", why
    if one.spec.paused:
        return Health.SUSPENDED, "Paused", "its rollout is paused"
    if said.updated_replicas < wanted:
        return Health.PROGRESSING, "Progressing", f"{said.updated_replicas} of {wanted} new replicas were made"
    if said.replicas > said.updated_replicas:
        old = said.replicas - said.updated_replicas
        return Health.PROGRESSING, "Progressing", f"{old} old replicas are still there"
    if said.available_replicas >= wanted:
        return _FINE
    few = f"{said.available_replicas} of {wanted} replicas are available"
    was_there = progressing.reason == "NewReplicaSetAvailable"
    if was_there and condition(said.conditions, "Available").status == "False":
        return Health.DEGRADED, "Unavailable", few
    return Health.PROGRESSING, "Progressing", few


def _ordered(one: Workload, wanted: int) -> Seen:
    said, strategy = one.status, one.spec.update_strategy
    if said.ready_replicas < wanted:
        return Health.PROGRESSING, "Progressing", f"{said.ready_replicas} of {wanted} replicas are ready"
    if strategy and strategy.type == "OnDelete":
        return _FINE
    kept = (strategy.rolling_update.partition or 0) if strategy and strategy.rolling_update else 0
    if kept:
        new = max(wanted - kept, 0)
        if said.updated_replicas < new:
            return Health.PROGRESSING, "Progressing", f"{said.updated_replicas} of {new} replicas are updated"
        return _FINE
    if said.update_revision != said.current_revision:
        return Health.PROGRESSING, "Progressing", f"{said.updated_replicas} of {wanted} replicas are updated"
    return _FINE


def _everywhere(one: Workload, wanted: int) -> Seen:
    said, strategy = one.status, one.spec.update_strategy
    if not (strategy and strategy.type == "OnDelete") and said.updated_number_scheduled < wanted:
        return Health.PROGRESSING, "Progressing", f"{said.updated_number_scheduled} of {wanted} pods are updated"
    if said.number_available < wanted:
        return Health.PROGRESSING, "Progressing", f"{said.number_available} of {wanted} pods are available"
    return _FINE


def _since(one: Workload, health: Health) -> float:
    """0 of StatefulSets and DaemonSets, which tell no times."""
    if asked := ending_since(one.metadata):
        return asked
    found = one.status.conditions
    if health is Health.HEALTHY:
        return moment(condition(found, "Available").last_transition_time)
    told: list[Condition] = [condition(found, kind) for kind in ("ReplicaFailure", "Available", "Progressing")]
    wrong = [each for each in told if each.status == ("True" if each.type == "ReplicaFailure" else "False")]
    return moment(wrong[0].last_transition_time) if wrong else moment(told[2].last_update_time)


def _details(one: Workload) -> dict[str, object]:
    said, template, strategy = one.status, one.spec.template, one.spec.strategy or one.spec.update_strategy
    made_for = [clean(f"{each.metadata.name}-*") for each in islice(one.spec.volume_claim_templates or (), MOST_ITEMS)]
    found: WorkloadDetails = {
        "updated": number(said.updated_replicas or said.updated_number_scheduled),
        "available": number(said.available_replicas or said.number_available),
        "generation": number(one.metadata.generation),
        "observed": number(said.observed_generation),
        "paused": one.spec.paused,
        "strategy": clean(strategy.type if strategy else "", 40),
        "revision": clean((one.metadata.annotations or {}).get(REVISION) or said.update_revision),
        "images": images_of(template.spec),
        "labels": labels(template.metadata.labels),
        "selector": selector(one.spec.selector),
        "claims": claims_of(template.spec) + made_for,
        "priority": clean(template.spec.priority_class_name),
        "account": clean(template.spec.service_account_name),
        "conditions": conditions(said.conditions),
    }
    return {**found}
