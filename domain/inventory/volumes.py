"""Rows of claims, volumes, storage classes and snapshots."""

from __future__ import annotations

from domain.inventory.details import Condition as ConditionDetails
from domain.inventory.model import Health, ObjectRow
from domain.inventory.scene import Scene, ending_since, row, why_ending
from domain.inventory.texts import clean, conditions, mebibytes, moment, texts, word
from domain.inventory.volume_details import PLAIN, ClaimDetails, SnapshotDetails, StorageClassDetails, VolumeDetails
from domain.inventory.volume_shapes import Claim, Snapshot, SnapshotState, StorageClass, Volume, VolumeSpec
from domain.inventory.workloads import Seen

CLAIM_PHASES = frozenset(("Pending", "Bound", "Lost"))
VOLUME_PHASES = frozenset(("Pending", "Available", "Bound", "Released", "Failed"))
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
PROTECTION = "kubernetes.io/pvc-protection"
"""The finalizer of a claim, which goes once no pod uses it."""


def claim_row(one: Claim, scene: Scene) -> ObjectRow:
    """PersistentVolumeClaim."""
    spec, said = one.spec, one.status
    source = spec.data_source_ref
    asked = (spec.resources.requests if spec.resources else None) or {}
    told = conditions(said.conditions)
    details: ClaimDetails = {
        "volume": clean(spec.volume_name),
        "storage_class": clean(spec.storage_class_name),
        "asked_mb": mebibytes(asked.get("storage")),
        "capacity_mb": mebibytes((said.capacity or {}).get("storage")),
        "modes": texts(spec.access_modes),
        "block": spec.volume_mode == "Block",
        "snapshot": clean(f"{source.kind}/{source.name}") if source else "",
        "conditions": told,
    }
    health, status, reason = _claim(one, told)
    ending = ending_since(one.metadata)
    return row(scene, "PersistentVolumeClaim", one.metadata, health, status, {**details}, reason=reason, since=ending)


def _claim(one: Claim, told: list[ConditionDetails]) -> Seen:
    phase = one.status.phase or "Pending"
    if ending_since(one.metadata):
        return Health.PROGRESSING, "Terminating", _why_ending(one)
    if phase == "Lost":
        return Health.DEGRADED, phase, f"its volume {one.spec.volume_name} is gone"
    if phase == "Pending":
        return Health.PROGRESSING, phase, _why_pending(one)
    for each in told:
        if each["status"] == "True":
            failed = each["type"].endswith(("Error", "Infeasible"))
            why = f"{each['type']}: {each.get('message', '')}".removesuffix(": ")
            return Health.DEGRADED if failed else Health.PROGRESSING, word(phase, CLAIM_PHASES), why
    return Health.HEALTHY, word(phase, CLAIM_PHASES), ""


def _why_ending(one: Claim) -> str:
    in_use = list(one.metadata.finalizers or ()) == [PROTECTION]
    return "its deletion was asked for; a pod that uses it holds it back" if in_use else why_ending(one.metadata)


def _why_pending(one: Claim) -> str:
    spec = one.spec
    if spec.volume_name:
        return f"its volume {clean(spec.volume_name)} is not bound to it yet"
    if not spec.storage_class_name:
        return "it names no storage class, and no volume fits it yet"
    return f"storage class {clean(spec.storage_class_name)} has made no volume for it yet; some wait for its first pod"


def volume_row(one: Volume, scene: Scene) -> ObjectRow:
    """PersistentVolume."""
    spec, claim = one.spec, one.spec.claim_ref
    details: VolumeDetails = {
        "claim_namespace": clean(claim.namespace if claim else ""),
        "claim": clean(claim.name if claim else ""),
        "storage_class": clean(spec.storage_class_name),
        "capacity_mb": mebibytes((spec.capacity or {}).get("storage")),
        "reclaim": clean(spec.persistent_volume_reclaim_policy, 40),
        "modes": texts(spec.access_modes),
        "driver": _driver(spec),
    }
    health, status, reason = _volume(one)
    return row(
        scene,
        "PersistentVolume",
        one.metadata,
        health,
        status,
        {**details},
        reason=reason,
        since=ending_since(one.metadata) or moment(one.status.last_phase_transition_time),
        owner=f"PersistentVolumeClaim/{details['claim']}" if claim else "",
    )


def _driver(spec: VolumeSpec) -> str:
    if spec.csi:
        return clean(spec.csi.driver)
    return next((said for kind, said in PLAIN.items() if getattr(spec, kind)), "")


def _volume(one: Volume) -> Seen:
    phase = one.status.phase or "Pending"
    if ending_since(one.metadata):
        return Health.PROGRESSING, "Terminating", why_ending(one.metadata)
    match phase:
        case "Failed":
            return Health.DEGRADED, phase, one.status.message or "its reclaim has failed"
        case "Released":
            keeps = one.spec.persistent_volume_reclaim_policy == "Retain"
            why = "its claim was deleted, and its data is kept" if keeps else "its claim was deleted"
            return (Health.SUSPENDED if keeps else Health.PROGRESSING), phase, why
        case "Pending":
            return Health.PROGRESSING, phase, "it is being made"
        case _:
            return Health.HEALTHY, word(phase, VOLUME_PHASES), ""


def storage_class_row(one: StorageClass, scene: Scene) -> ObjectRow:
    """StorageClass."""
    is_default = (one.metadata.annotations or {}).get(DEFAULT_CLASS) == "true"
    details: StorageClassDetails = {
        "provisioner": clean(one.provisioner),
        "reclaim": clean(one.reclaim_policy, 40),
        "binding": clean(one.volume_binding_mode, 40),
        "expands": bool(one.allow_volume_expansion),
        "default": is_default,
    }
    status = "Default" if is_default else "Available"
    return row(scene, "StorageClass", one.metadata, Health.HEALTHY, status, {**details})


def snapshot_row(one: Snapshot, scene: Scene) -> ObjectRow:
    """VolumeSnapshot."""
    said = one.status or SnapshotState()
    claim = clean(one.spec.source.persistent_volume_claim_name)
    details: SnapshotDetails = {
        "claim": claim,
        "snapshot_class": clean(one.spec.volume_snapshot_class_name),
        "content": clean(said.bound_volume_snapshot_content_name),
        "size_mb": mebibytes(said.restore_size),
        "taken_at": moment(said.creation_time),
        "error": clean(said.error.message if said.error else ""),
    }
    health, status, reason = Health.PROGRESSING, "Pending", "it is being taken"
    if ending_since(one.metadata):
        status, reason = "Terminating", why_ending(one.metadata)
    elif said.ready_to_use:
        health, status, reason = Health.HEALTHY, "Ready", ""
    elif said.error:
        health, status, reason = Health.DEGRADED, "Failed", said.error.message or "it could not be taken"
    return row(
        scene,
        "VolumeSnapshot",
        one.metadata,
        health,
        status,
        {**details},
        reason=reason,
        since=ending_since(one.metadata) or details["taken_at"],
        owner=f"PersistentVolumeClaim/{claim}" if claim else "",
    )
