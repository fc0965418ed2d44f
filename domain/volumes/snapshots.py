"""Snapshots of volumes: which class takes one, whether one can be restored, and those that nobody needs.

Source: https://kubernetes.io/docs/concepts/storage/volume-snapshots/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.clusters import metadata
from domain.clusters.health import condition, quantity
from domain.core.documents import Manifest, Node, Object
from domain.volumes.volume import GIB, OURS, SNAPSHOTS, Orphan, VolumeSpec

DEFAULT = "snapshot.storage.kubernetes.io/is-default-class"
MOST_WORDS = 300


def snapshot(spec: VolumeSpec, name: str, class_name: str = "") -> Manifest:
    """A VolumeSnapshot of the claim. `class_name` empty: the cluster's default for the driver."""
    meta: Manifest = {"name": name, "namespace": spec.namespace, "labels": OURS}
    body: Manifest = {"source": {"persistentVolumeClaimName": spec.name}}
    if class_name:
        body["volumeSnapshotClassName"] = class_name
    return {"apiVersion": SNAPSHOTS, "kind": "VolumeSnapshot", "metadata": meta, "spec": body}


def class_of(volume: Object | None, classes: Iterable[Object]) -> str:
    """The VolumeSnapshotClass for a volume: its driver's default, or else the first by name; empty: there is none."""
    driver = Node(volume).at("spec", "csi", "driver").text()
    fit = [one for one in classes if driver and Node(one)["driver"].text() == driver]
    names = sorted((not _is_default(one), metadata.name(one)) for one in fit)
    return names[0][1] if names else ""


def _is_default(one: Object) -> bool:
    return Node(one).at("metadata", "annotations", DEFAULT).text() == "true"


def ready(found: Object | None) -> bool:
    """Whether the snapshot can be restored; also false when it does not exist."""
    return found is not None and (bool(Node(found).at("status", "readyToUse")) or condition(found, "Ready") == "True")


def trouble(found: Object | None) -> str:
    """What the driver or the controller says about a snapshot that is not ready; empty: nothing."""
    return Node(found).at("status", "error", "message").text()[:MOST_WORDS]


def not_restored(spec: VolumeSpec, found: Object | None) -> str:
    """Why a claim cannot begin with the snapshot that it names; empty: it can."""
    name = spec.from_snapshot
    if found is None:
        return f"there is no snapshot {spec.namespace}/{name}"
    if not ready(found):
        return f"snapshot {name} is not ready: {trouble(found) or 'it is being taken'}"
    least = quantity(Node(found).at("status", "restoreSize").text() or "0") / GIB
    return f"snapshot {name} holds {least:g} GiB, and {spec.size_gb:g} are requested" if spec.size_gb < least else ""


def orphans(snapshots: Sequence[Object], contents: Sequence[Object]) -> Iterator[Orphan]:
    """Contents whose snapshot is gone: the storage still has the data."""
    known = {Node(one).at("metadata", "uid").text() for one in snapshots}
    named = {metadata.full_name(one) for one in snapshots}
    for one in contents:
        ref = Node(one).at("spec", "volumeSnapshotRef")
        owner, uid = f"{ref['namespace'].text()}/{ref['name'].text()}", ref["uid"].text()
        if (uid and uid not in known) or (not uid and owner not in named):
            size = Node(one).at("status", "restoreSize").whole() / GIB
            yield Orphan("VolumeSnapshotContent", metadata.name(one), f"its snapshot {owner} is gone", size)
