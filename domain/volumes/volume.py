"""Claims and volumes: what is asked for, how one stands, what may be done with it, and what nobody owns any more.

Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.clusters.health import condition, quantity

Object = Mapping[str, Any]
OURS = {"app.kubernetes.io/managed-by": "sluiceway"}
ACCESS = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
SNAPSHOTS = "snapshot.storage.k8s.io/v1"
GIB = 2**30
LATE = "WaitForFirstConsumer"
"""Binding mode of classes that wait for a pod, so that the volume is where the pod can be."""


class VolumePhase(StrEnum):
    """Where a claim and its volume stand, by what Kubernetes reports of both."""

    ABSENT = "absent"
    PENDING = "pending"
    BOUND = "bound"
    IN_USE = "in use"
    LOST = "lost"
    """Its volume is gone."""
    ENDING = "ending"
    """Somebody has asked for its end, and it is protected while pods use it."""


class VolumeAction(StrEnum):
    """What a `volume` job does to a volume."""

    CREATE = "create"
    EXPAND = "expand"
    SNAPSHOT = "snapshot"
    DELETE = "delete"


@dataclass(frozen=True)
class VolumeSpec:
    """`size_gb` in GiB, as claims are counted. `host_path`: a volume of that folder of the nodes is made for it."""

    name: str
    namespace: str = "default"
    size_gb: float = 1
    storage_class: str = ""
    """Empty: the cluster's default."""
    access: tuple[str, ...] = ("ReadWriteOnce",)
    host_path: str = ""
    reclaim: str = "Retain"
    """Of a volume that is made for it: what becomes of it when the claim goes."""
    from_snapshot: str = ""


@dataclass(frozen=True)
class VolumeStatus:
    """`capacity_gb` in GiB. `reclaim`: Retain, Recycle or Delete; empty: there is no volume yet."""

    phase: VolumePhase
    reason: str = ""
    volume: str = ""
    capacity_gb: float = 0
    wanted_gb: float = 0
    storage_class: str = ""
    reclaim: str = ""
    used_by: tuple[str, ...] = ()
    can_expand: bool = False
    can_snapshot: bool = False


def claim(spec: VolumeSpec) -> dict[str, Any]:
    """The PersistentVolumeClaim; bound to a PersistentVolume of its own when it is a folder of the host."""
    body: dict[str, Any] = {
        "accessModes": list(spec.access),
        "resources": {"requests": {"storage": _size(spec.size_gb)}},
    }
    if spec.host_path:
        body |= {"storageClassName": spec.storage_class, "volumeName": volume_name(spec)}
    elif spec.storage_class:
        body["storageClassName"] = spec.storage_class
    if spec.from_snapshot:
        body["dataSource"] = {
            "apiGroup": SNAPSHOTS.partition("/")[0],
            "kind": "VolumeSnapshot",
            "name": spec.from_snapshot,
        }
    meta = {"name": spec.name, "namespace": spec.namespace, "labels": OURS}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": body}


def volume_name(spec: VolumeSpec) -> str:
    """Of a volume that is made for a claim: the same claim is the same volume."""
    return f"{spec.namespace}-{spec.name}"


def static_volume(spec: VolumeSpec) -> dict[str, Any]:
    """A volume of a folder that the nodes have, for this claim alone."""
    body = {
        "capacity": {"storage": _size(spec.size_gb)},
        "accessModes": list(spec.access),
        "persistentVolumeReclaimPolicy": spec.reclaim,
        "storageClassName": spec.storage_class,  # none, unless one is named: not the cluster's own
        "hostPath": {"path": spec.host_path, "type": "DirectoryOrCreate"},
        "claimRef": {"namespace": spec.namespace, "name": spec.name},
    }
    meta = {"name": volume_name(spec), "labels": OURS}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta, "spec": body}


def snapshot(spec: VolumeSpec, name: str) -> dict[str, Any]:
    """A VolumeSnapshot of the volume's claim."""
    meta = {"name": name, "namespace": spec.namespace, "labels": OURS}
    source = {"source": {"persistentVolumeClaimName": spec.name}}
    return {"apiVersion": SNAPSHOTS, "kind": "VolumeSnapshot", "metadata": meta, "spec": source}


def _size(gb: float) -> str:
    return f"{gb:g}Gi" if gb == int(gb) else f"{int(gb * 1024)}Mi"


def status_of(
    found: Object | None,
    volume: Object | None = None,
    storage_class: Object | None = None,
    pods: Iterable[Object] = (),
    events: Sequence[Object] = (),
    snapshots: bool = False,
) -> VolumeStatus:
    """How a claim stands. Events in the order of their times; `snapshots`: the cluster can make them."""
    if found is None:
        return VolumeStatus(VolumePhase.ABSENT)
    users = tuple(sorted(one["metadata"]["name"] for one in pods if uses(one, str(found["metadata"]["name"]))))
    phase, reason = _phase(found, users, storage_class, events)
    spec, body = found["spec"], (volume or {}).get("spec") or {}
    class_name = str(spec.get("storageClassName") or "")
    csi = "csi" in body
    return VolumeStatus(
        phase,
        reason,
        str(spec.get("volumeName") or ""),
        quantity((found.get("status") or {}).get("capacity", {}).get("storage", 0)) / GIB,
        quantity(spec["resources"]["requests"]["storage"]) / GIB,
        class_name,
        str(body.get("persistentVolumeReclaimPolicy") or ""),
        users,
        bool((storage_class or {}).get("allowVolumeExpansion")),
        snapshots and csi,
    )


def uses(pod: Object, claim_name: str) -> bool:
    """Whether a pod that has not ended has the claim mounted."""
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return False
    volumes = (pod.get("spec") or {}).get("volumes") or []
    return any((one.get("persistentVolumeClaim") or {}).get("claimName") == claim_name for one in volumes)


def _phase(
    found: Object, users: Sequence[str], storage_class: Object | None, events: Sequence[Object]
) -> tuple[VolumePhase, str]:
    status = str((found.get("status") or {}).get("phase") or "Pending")
    if found["metadata"].get("deletionTimestamp"):
        return VolumePhase.ENDING, f"in use by {', '.join(users)}" if users else "its volume is being released"
    if status == "Lost":
        return VolumePhase.LOST, f"its volume {found['spec'].get('volumeName', '')} is gone"
    if status == "Bound":
        return (VolumePhase.IN_USE, f"by {', '.join(users)}") if users else (VolumePhase.BOUND, "")
    return VolumePhase.PENDING, _waits(found, storage_class, events)


def _waits(found: Object, storage_class: Object | None, events: Sequence[Object]) -> str:
    """Why nothing is bound to it yet."""
    name = str(found["spec"].get("storageClassName") or "")
    if name and storage_class is None:
        return f"storage class {name} does not exist"
    if storage_class and storage_class.get("volumeBindingMode") == LATE and not found["spec"].get("volumeName"):
        return "it is bound when its first pod is scheduled"
    for event in reversed(events):
        if event.get("reason") in ("ProvisioningFailed", "FailedBinding", "FailedMount", "VolumeMismatch"):
            return f"{event['reason']}: {str(event.get('message', ''))[:300]}"
    return "no volume fits, and no class provisions one" if not name else f"waits for a volume of class {name}"


def refusal(action: VolumeAction, spec: VolumeSpec, now: VolumeStatus) -> str:
    """Why an action makes no sense; empty: it may be done."""
    if action is VolumeAction.CREATE:
        return _create_refusal(spec, now)
    if now.phase is VolumePhase.ABSENT:
        return "" if action is VolumeAction.DELETE else f"claim {spec.namespace}/{spec.name} does not exist"
    if action is VolumeAction.EXPAND:
        if spec.size_gb < now.wanted_gb:
            return f"it has {now.wanted_gb:g} GiB, and volumes cannot shrink"
        if not now.can_expand and spec.size_gb > now.wanted_gb:
            return f"its storage class {now.storage_class or '(none)'} does not allow expansion"
    if action is VolumeAction.SNAPSHOT and not now.can_snapshot:
        return "this cluster cannot snapshot it (no snapshot API, or the volume has no CSI driver)"
    return ""


def _create_refusal(spec: VolumeSpec, now: VolumeStatus) -> str:
    if now.phase is VolumePhase.ENDING:
        return f"a claim of that name is being deleted: {now.reason}"
    if now.phase is not VolumePhase.ABSENT and spec.size_gb != now.wanted_gb:
        return f"it exists with {now.wanted_gb:g} GiB; expand it to {spec.size_gb:g}"
    return ""


def done(action: VolumeAction, spec: VolumeSpec, now: VolumeStatus, late: bool) -> bool:
    """Whether an action has come to its end. `late`: the class binds when the first pod comes."""
    if action is VolumeAction.CREATE:
        return now.phase in (VolumePhase.BOUND, VolumePhase.IN_USE) or (late and now.phase is VolumePhase.PENDING)
    if action is VolumeAction.EXPAND:
        return now.capacity_gb >= spec.size_gb
    return action is VolumeAction.SNAPSHOT or now.phase is VolumePhase.ABSENT


def snapshots_first(action: VolumeAction, now: VolumeStatus, wanted: bool) -> bool:
    """A claim that goes leaves a snapshot where that is wanted, can be made, and the volume would go with it."""
    return action is VolumeAction.DELETE and wanted and now.can_snapshot and now.phase is not VolumePhase.ABSENT


FATES = {
    "Delete": "its volume {volume} is deleted too",
    "Retain": "its volume {volume} is kept as Released, with its data",
    "Recycle": "its volume {volume} is emptied and available again",
}


def fate(now: VolumeStatus) -> str:
    """What becomes of the volume when the claim is gone."""
    return FATES[now.reclaim].format(volume=now.volume) if now.reclaim in FATES and now.volume else "it had no volume"


@dataclass(frozen=True)
class Orphan:
    """`kind`: PersistentVolume or PersistentVolumeClaim."""

    kind: str
    name: str
    why: str
    size_gb: float


def orphans(claims: Sequence[Object], volumes: Sequence[Object], pods: Sequence[Object]) -> list[Orphan]:
    """What costs and nobody uses: volumes whose claim is gone, claims that no pod has, claims whose volume is gone."""
    return [*_of_volumes(claims, volumes), *_of_claims(claims, pods)]


def _of_volumes(claims: Sequence[Object], volumes: Sequence[Object]) -> Iterator[Orphan]:
    known = {one["metadata"].get("uid") for one in claims} - {None}
    named = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in claims}
    for one in volumes:
        phase, ref = (one.get("status") or {}).get("phase", ""), one["spec"].get("claimRef") or {}
        size = quantity((one["spec"].get("capacity") or {}).get("storage", 0)) / GIB
        owner = f"{ref.get('namespace', '')}/{ref.get('name', '')}"
        if phase == "Failed":
            why = f"its reclaiming failed: {(one.get('status') or {}).get('message', '')}"[:200]
        elif phase == "Released" or (ref.get("uid") and ref["uid"] not in known):
            why = f"its claim {owner} is gone"
        elif phase == "Available" and ref and (ref.get("namespace"), ref.get("name")) not in named:
            why = f"its claim {owner} does not exist"
        else:
            continue
        yield Orphan("PersistentVolume", str(one["metadata"]["name"]), why, size)


def _of_claims(claims: Sequence[Object], pods: Sequence[Object]) -> Iterator[Orphan]:
    for one in claims:
        space, name = str(one["metadata"]["namespace"]), str(one["metadata"]["name"])
        size = quantity(one["spec"]["resources"]["requests"]["storage"]) / GIB
        status = (one.get("status") or {}).get("phase")
        here = (pod for pod in pods if pod["metadata"].get("namespace") == space)
        if status == "Lost":
            yield Orphan("PersistentVolumeClaim", f"{space}/{name}", "its volume is gone", size)
        elif status == "Bound" and not any(uses(pod, name) for pod in here):
            yield Orphan("PersistentVolumeClaim", f"{space}/{name}", "no pod uses it", size)


def snapshot_ready(found: Object | None) -> bool:
    """Whether the snapshot may be restored from; false as well when there is none."""
    return bool(found and ((found.get("status") or {}).get("readyToUse") or condition(found, "Ready") == "True"))
