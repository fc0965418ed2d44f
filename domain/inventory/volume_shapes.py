"""Shapes of claims, volumes, storage classes and snapshots; how to read them: shapes.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory.shapes import Condition, Meta, Reference, Resources, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSpec:
    volume_name: str = ""
    storage_class_name: str | None = ""
    resources: Resources | None = None
    access_modes: Sequence[str] | None = ()
    volume_mode: str | None = ""
    data_source_ref: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimState:
    phase: str = ""
    capacity: Texts | None = None
    conditions: Sequence[Condition] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """PersistentVolumeClaim."""

    metadata: Meta = Meta()
    spec: ClaimSpec = ClaimSpec()
    status: ClaimState = ClaimState()


@dataclass(frozen=True, slots=True, kw_only=True)
class CsiSource:
    driver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSource:
    """A volume of a kind that has no driver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSpec:
    capacity: Texts | None = None
    claim_ref: Reference | None = None
    storage_class_name: str = ""
    persistent_volume_reclaim_policy: str = ""
    access_modes: Sequence[str] | None = ()
    csi: CsiSource | None = None
    nfs: PlainSource | None = None
    local: PlainSource | None = None
    host_path: PlainSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeState:
    phase: str = ""
    message: str = ""
    last_phase_transition_time: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """PersistentVolume."""

    metadata: Meta = Meta()
    spec: VolumeSpec = VolumeSpec()
    status: VolumeState = VolumeState()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    metadata: Meta = Meta()
    provisioner: str = ""
    reclaim_policy: str | None = ""
    volume_binding_mode: str | None = ""
    allow_volume_expansion: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSource:
    persistent_volume_claim_name: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSpec:
    source: SnapshotSource = SnapshotSource()
    volume_snapshot_class_name: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotError:
    message: str | None = ""
    time: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotState:
    bound_volume_snapshot_content_name: str | None = ""
    ready_to_use: bool | None = False
    restore_size: str | None = ""
    creation_time: str | None = ""
    error: SnapshotError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """VolumeSnapshot of snapshot.storage.k8s.io/v1."""

    metadata: Meta = Meta()
    spec: SnapshotSpec = SnapshotSpec()
    status: SnapshotState | None = None
