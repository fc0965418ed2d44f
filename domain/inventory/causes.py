"""Why an object is not healthy, where another object or an event says it better than itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.clusters import pending
from domain.inventory.model import WORKLOADS, EventRow, Health, ObjectRow
from domain.inventory.texts import sentence

WAITING = ("Pending", "ContainerCreating", "PodInitializing")
"""Statuses of a pod whose container says nothing of why."""
CLAIM = "PersistentVolumeClaim"
TOLD_BY_EVENTS = ("Pod", CLAIM)
UNBOUND = ("ProvisioningFailed", "FailedBinding", "VolumeMismatch")
"""Reasons of warnings about a claim that has no volume."""
NAMED = 2
"""Pods whose reasons stand in their workload's."""


def waits(row: ObjectRow) -> bool:
    """Whether an event may say why this pod has not started, or why this claim has no volume."""
    if row.kind == CLAIM:
        return row.status == "Pending"
    return (
        row.kind == "Pod" and row.health is Health.PROGRESSING and (row.status in WAITING or row.status[:5] == "Init:")
    )


def told_by(event: EventRow) -> str:
    """What a warning says of why its pod has not started, or its claim has no volume; empty: nothing of that."""
    if event.kind == CLAIM:
        return f"{event.reason}: {event.message}" if event.reason in UNBOUND else ""
    return pending.of_event(event.reason, event.message)


def explained(row: ObjectRow, words: str) -> ObjectRow:
    """What waits, with what an event says of it: it does not come up by waiting."""
    return replace(row, health=Health.DEGRADED, reason=sentence(words))


def is_bad(row: ObjectRow) -> bool:
    """Whether this pod is a reason why its workload is not healthy."""
    return row.kind == "Pod" and row.health.rank >= Health.UNKNOWN.rank and "/" in row.owner


def may_be_blamed(row: ObjectRow) -> bool:
    """Whether its pods may say why this workload is not healthy."""
    return row.kind in WORKLOADS and row.health in (Health.PROGRESSING, Health.DEGRADED)


def blamed(row: ObjectRow, pods: Mapping[str, str]) -> ObjectRow:
    """A workload that is not healthy, with the reasons of its bad pods by their names: it is late, not on its way."""
    if not pods:
        return row
    named = [f"pod {name}: {why}" for name, why in sorted(pods.items())[:NAMED]]
    more = [f"and {len(pods) - NAMED} more pods"] if len(pods) > NAMED else []
    words = "; ".join([row.reason, *named, *more]).removeprefix("; ")
    status = "Degraded" if row.status == "Progressing" else row.status
    return replace(row, health=Health.DEGRADED, status=status, reason=sentence(words))
