"""What a cluster knows of the CSI driver beside its nodes: the driver, its classes, and what its programs may do."""

from __future__ import annotations

from domain.clusters.beside.outside import READ, rights, rule
from domain.clusters.manifests import DEFAULT_CLASS, OURS
from domain.core.documents import Manifest

DRIVER = "files.csi.sluiceway.dev"
"""As deploy/csi/identity.go has it."""
CLASS = "files"
"""Of volumes, and of snapshots."""
USER = "sluiceway:storage"
STORE, SNAPSHOTS = "storage.k8s.io", "snapshot.storage.k8s.io"
DEFAULT_SNAPSHOTS = "snapshot.storage.kubernetes.io/is-default-class"
WRITE = (*READ, "create", "update", "patch", "delete")


def objects(*, default: bool) -> list[Manifest]:
    """All objects, after the definitions of snapshots. `default`: claims without a class get this one."""
    return [*rights(USER, _rules()), _driver(), _class(default), _snapshot_class()]


def _rules() -> list[Manifest]:
    """What provisioner, resizer, snapshotter and snapshot controller do; no Secrets: the driver needs none.

    Source: https://kubernetes-csi.github.io/docs/sidecar-containers.html
    """
    return [
        rule("", "nodes", "pods"),
        rule("", "persistentvolumes", "persistentvolumeclaims", verbs=WRITE),
        rule("", "persistentvolumeclaims/status", verbs=("patch", "update")),
        rule("", "events", verbs=("list", "watch", "create", "update", "patch")),
        rule(STORE, "storageclasses", "csinodes", "volumeattachments", "volumeattributesclasses"),
        rule(SNAPSHOTS, "volumesnapshotclasses"),
        rule(SNAPSHOTS, "volumesnapshots", "volumesnapshotcontents", verbs=WRITE),
        rule(SNAPSHOTS, "volumesnapshots/status", "volumesnapshotcontents/status", verbs=("patch", "update")),
    ]


def _driver() -> Manifest:
    """Nothing is attached: what a node mounts is a file of the machine that all nodes are on."""
    return {
        "apiVersion": f"{STORE}/v1",
        "kind": "CSIDriver",
        "metadata": {"name": DRIVER, "labels": OURS},
        "spec": {"attachRequired": False, "podInfoOnMount": False, "fsGroupPolicy": "File"},
    }


def _class(default: bool) -> Manifest:
    return {
        "apiVersion": f"{STORE}/v1",
        "kind": "StorageClass",
        "metadata": {"name": CLASS, "labels": OURS, "annotations": {DEFAULT_CLASS: "true" if default else "false"}},
        "provisioner": DRIVER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
        "allowVolumeExpansion": True,
    }


def _snapshot_class() -> Manifest:
    return {
        "apiVersion": f"{SNAPSHOTS}/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {"name": CLASS, "labels": OURS, "annotations": {DEFAULT_SNAPSHOTS: "true"}},
        "driver": DRIVER,
        "deletionPolicy": "Delete",
    }
