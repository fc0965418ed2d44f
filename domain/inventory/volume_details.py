"""`ObjectRow.details` of volumes; how to read them: details.py."""

from __future__ import annotations

from typing import TypedDict

from domain.inventory.details import Condition


class ClaimDetails(TypedDict, total=False):
    """PersistentVolumeClaim. Which pods use it: pods whose `claims` name it."""

    volume: str
    storage_class: str
    asked_mb: int
    capacity_mb: int
    modes: list[str]
    """`ReadWriteOnce`, …"""
    block: bool
    """A raw device, no file system."""
    snapshot: str
    """What it was made from: `VolumeSnapshot/NAME`, `PersistentVolumeClaim/NAME`."""
    conditions: list[Condition]
    """`Resizing`, `FileSystemResizePending`."""


PLAIN = {"nfs": "nfs", "local": "local", "host_path": "hostPath"}
"""Kinds of volumes without a CSI driver, as the inventory and Kubernetes write them."""


class VolumeDetails(TypedDict, total=False):
    """PersistentVolume. The row's `owner` is its claim; `claim_namespace` says where."""

    claim_namespace: str
    claim: str
    storage_class: str
    capacity_mb: int
    reclaim: str
    """`Delete`, `Retain`, `Recycle`: what becomes of the data when its claim is deleted."""
    modes: list[str]
    driver: str
    """Of CSI, else one of `PLAIN`."""


class StorageClassDetails(TypedDict, total=False):
    """StorageClass."""

    provisioner: str
    reclaim: str
    binding: str
    """`Immediate`, `WaitForFirstConsumer`."""
    expands: bool
    default: bool


class SnapshotDetails(TypedDict, total=False):
    """VolumeSnapshot."""

    claim: str
    """What it was taken of."""
    snapshot_class: str
    content: str
    size_mb: int
    taken_at: float
    error: str
