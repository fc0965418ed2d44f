"""Volume claims: spec, status, allowed actions, and orphans.

Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from domain.clusters import metadata
from domain.clusters.health import quantity
from domain.core.documents import Manifest, Node, Object

OURS = {"app.kubernetes.io/managed-by": "sluiceway"}
ACCESS = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
SNAPSHOTS = "snapshot.storage.k8s.io/v1"
GIB = 2**30
MOST_WORDS = 300
LATE = "WaitForFirstConsumer"
"""Binding mode that waits for a pod, so the volume is created where the pod can run."""
SELECTED = "volume.kubernetes.io/selected-node"
"""Annotation of a claim whose first pod has been scheduled."""
PENDING_ON_NODE, AT_MOUNT = "FileSystemResizePending", "its file system grows when a pod mounts it"


class VolumePhase(StrEnum):
    """The state of a claim and its volume, from what Kubernetes reports of both."""

    ABSENT = "absent"
    PENDING = "pending"
    BOUND = "bound"
    IN_USE = "in use"
    LOST = "lost"
    """Its volume no longer exists."""
    ENDING = "ending"
    """Its deletion was requested; it is protected while pods use it."""


class VolumeAction(StrEnum):
    """What a `volume` job does to a volume."""

    CREATE = "create"
    EXPAND = "expand"
    SNAPSHOT = "snapshot"
    DELETE = "delete"


@dataclass(frozen=True)
class VolumeSpec:
    """`size_gb` in GiB. `host_path`: creates a volume from that folder of the nodes."""

    name: str
    namespace: str = "default"
    _: KW_ONLY
    size_gb: float = 1
    storage_class: str = ""
    """Empty: the cluster's default storage class."""
    access: tuple[str, ...] = ("ReadWriteOnce",)
    host_path: str = ""
    reclaim: str = "Retain"
    """Reclaim policy of a volume created for the claim."""
    from_snapshot: str = ""


@dataclass(frozen=True)
class VolumeStatus:
    """`capacity_gb` in GiB. `reclaim`: Retain, Recycle or Delete; empty: no volume yet."""

    phase: VolumePhase
    reason: str = ""
    _: KW_ONLY
    volume: str = ""
    capacity_gb: float = 0
    wanted_gb: float = 0
    storage_class: str = ""
    reclaim: str = ""
    used_by: tuple[str, ...] = ()
    can_expand: bool = False
    can_snapshot: bool = False
    snapshot_class: str = ""
    """Of its driver; empty: there is none."""
    volume_gb: float = 0
    """What its volume has, which its file system may not have yet."""
    growth: str = ""
    """How its growth stands, or why it fails; empty: it does not grow."""


def claim(spec: VolumeSpec) -> Manifest:
    """The PersistentVolumeClaim; pre-bound to its own PersistentVolume for a host folder."""
    body: Manifest = {
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
    meta: Manifest = {"name": spec.name, "namespace": spec.namespace, "labels": OURS}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": body}


def volume_name(spec: VolumeSpec) -> str:
    """The name of a volume created for a claim; deterministic."""
    return f"{spec.namespace}-{spec.name}"


def static_volume(spec: VolumeSpec) -> Manifest:
    """A PersistentVolume of a host folder, reserved for this claim."""
    body: Manifest = {
        "capacity": {"storage": _size(spec.size_gb)},
        "accessModes": list(spec.access),
        "persistentVolumeReclaimPolicy": spec.reclaim,
        "storageClassName": spec.storage_class,  # empty means no class; unset would mean the cluster's default
        "hostPath": {"path": spec.host_path, "type": "DirectoryOrCreate"},
        "claimRef": {"namespace": spec.namespace, "name": spec.name},
    }
    meta: Manifest = {"name": volume_name(spec), "labels": OURS}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta, "spec": body}


def _size(gb: float) -> str:
    return f"{gb:g}Gi" if gb == int(gb) else f"{int(gb * 1024)}Mi"


def status_of(
    found: Object | None,
    volume: Object | None = None,
    storage_class: Object | None = None,
    pods: Iterable[Object] = (),
    events: Sequence[Object] = (),
    snapshot_class: str = "",
) -> VolumeStatus:
    """The status of a claim. `events` in time order; `snapshot_class`: takes snapshots of its volume; empty: none."""
    if found is None:
        return VolumeStatus(VolumePhase.ABSENT)
    users = tuple(sorted(metadata.name(one) for one in pods if uses(one, metadata.name(found))))
    phase, reason = _phase(found, users, storage_class, events)
    spec, body = Node(found)["spec"], Node(volume)["spec"]
    return VolumeStatus(
        phase,
        reason,
        volume=spec["volumeName"].text(),
        capacity_gb=quantity(Node(found).at("status", "capacity", "storage").text()) / GIB,
        wanted_gb=_requested(spec) / GIB,
        storage_class=spec["storageClassName"].text(),
        reclaim=body["persistentVolumeReclaimPolicy"].text(),
        used_by=users,
        can_expand=bool(Node(storage_class)["allowVolumeExpansion"]),
        can_snapshot=bool(snapshot_class),
        snapshot_class=snapshot_class,
        volume_gb=quantity(body.at("capacity", "storage").text() or "0") / GIB,
        growth=_growth(found),
    )


def _requested(spec: Node) -> float:
    return quantity(spec.at("resources", "requests", "storage").text())


def uses(pod: Object, claim_name: str) -> bool:
    """Whether a pod that has not ended mounts the claim."""
    if Node(pod).at("status", "phase").text() in ("Succeeded", "Failed"):
        return False
    volumes = Node(pod).at("spec", "volumes")
    return any(one.at("persistentVolumeClaim", "claimName").text() == claim_name for one in volumes)


def _phase(
    found: Object, users: Sequence[str], storage_class: Object | None, events: Sequence[Object]
) -> tuple[VolumePhase, str]:
    status = Node(found).at("status", "phase").text() or "Pending"
    if metadata.is_ending(found):
        return VolumePhase.ENDING, f"in use by {', '.join(users)}" if users else "its volume is being released"
    if status == "Lost":
        return VolumePhase.LOST, f"its volume {Node(found).at('spec', 'volumeName').text()} is gone"
    if status == "Bound":
        return (VolumePhase.IN_USE, f"by {', '.join(users)}") if users else (VolumePhase.BOUND, _growth(found))
    return VolumePhase.PENDING, _waits(found, storage_class, events)


def _growth(found: Object) -> str:
    """A growth that fails comes first. A file system grows on the node that mounts it, so without a pod it waits."""
    told = {one["type"].text(): one for one in Node(found).at("status", "conditions") if one["status"].text() == "True"}
    for kind, one in told.items():
        if kind.endswith(("ResizeError", "Infeasible")):
            return f"{kind}: {one['message'].text()[:MOST_WORDS]}"
    if PENDING_ON_NODE in told:
        return AT_MOUNT
    return "its volume is being made larger" if "Resizing" in told else ""


def _waits(found: Object, storage_class: Object | None, events: Sequence[Object]) -> str:
    """Why the claim is not bound yet."""
    spec = Node(found)["spec"]
    name = spec["storageClassName"].text()
    if name and storage_class is None:
        return f"storage class {name} does not exist"
    chosen = Node(found).at("metadata", "annotations", SELECTED).text()
    if binds_late(storage_class) and not spec["volumeName"] and not chosen:
        return "it is bound when its first pod is scheduled"
    for event in reversed(events):
        reason = Node(event)["reason"].text()
        if reason in ("ProvisioningFailed", "FailedBinding", "FailedMount", "VolumeMismatch"):
            return f"{reason}: {Node(event)['message'].text()[:MOST_WORDS]}"
    return "no volume fits, and no class provisions one" if not name else f"waits for a volume of class {name}"


def binds_late(storage_class: Object | None) -> bool:
    """Whether the class waits for the first pod."""
    return Node(storage_class)["volumeBindingMode"].text() == LATE


def refusal(action: VolumeAction, spec: VolumeSpec, now: VolumeStatus) -> str:
    """Why the action is refused; empty: it is allowed."""
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
        return "this cluster cannot snapshot it (no snapshot API, no CSI driver, or no snapshot class of its driver)"
    return ""


def _create_refusal(spec: VolumeSpec, now: VolumeStatus) -> str:
    if now.phase is VolumePhase.ENDING:
        return f"a claim of that name is being deleted: {now.reason}"
    if now.phase is not VolumePhase.ABSENT and spec.size_gb != now.wanted_gb:
        return f"it exists with {now.wanted_gb:g} GiB; expand it to {spec.size_gb:g}"
    return ""


def done(action: VolumeAction, spec: VolumeSpec, now: VolumeStatus, late: bool) -> bool:
    """Whether an action is complete. `late`: the class binds at the first pod."""
    if action is VolumeAction.CREATE:
        return now.phase in (VolumePhase.BOUND, VolumePhase.IN_USE) or (late and now.phase is VolumePhase.PENDING)
    if action is VolumeAction.EXPAND:
        return now.capacity_gb >= spec.size_gb or _grows_at_mount(spec, now)
    return action is VolumeAction.SNAPSHOT or now.phase is VolumePhase.ABSENT


def _grows_at_mount(spec: VolumeSpec, now: VolumeStatus) -> bool:
    """The driver has done its part, and there is no pod whose node could do the rest."""
    return now.volume_gb >= spec.size_gb and now.growth == AT_MOUNT and not now.used_by


def snapshots_first(action: VolumeAction, now: VolumeStatus, wanted: bool) -> bool:
    """Whether to take a snapshot first: wanted, supported, and the volume would be deleted with the claim."""
    return action is VolumeAction.DELETE and wanted and now.can_snapshot and now.phase is not VolumePhase.ABSENT


FATES = {
    "Delete": "its volume {volume} is deleted too",
    "Retain": "its volume {volume} is kept as Released, with its data",
    "Recycle": "its volume {volume} is emptied and available again",
}


def fate(now: VolumeStatus) -> str:
    """What happens to the volume when the claim is deleted."""
    return FATES[now.reclaim].format(volume=now.volume) if now.reclaim in FATES and now.volume else "it had no volume"


@dataclass(frozen=True)
class Orphan:
    """`kind`: PersistentVolume, PersistentVolumeClaim or VolumeSnapshotContent."""

    kind: str
    name: str
    why: str
    size_gb: float


def orphans(claims: Sequence[Object], volumes: Sequence[Object], pods: Sequence[Object]) -> list[Orphan]:
    """Unused storage: volumes without claim, claims without pod, claims without volume."""
    return [*_of_volumes(claims, volumes), *_of_claims(claims, pods)]


def _of_volumes(claims: Sequence[Object], volumes: Sequence[Object]) -> Iterator[Orphan]:
    known = {Node(one).at("metadata", "uid").text() for one in claims}
    named = {metadata.full_name(one) for one in claims}
    for one in volumes:
        status, ref = Node(one)["status"], Node(one).at("spec", "claimRef")
        phase, uid = status["phase"].text(), ref["uid"].text()
        size = quantity(Node(one).at("spec", "capacity", "storage").text()) / GIB
        owner = f"{ref['namespace'].text()}/{ref['name'].text()}"
        if phase == "Failed":
            why = f"its reclaiming failed: {status['message'].text()}"[:200]
        elif phase == "Released" or (uid and uid not in known):
            why = f"its claim {owner} is gone"
        elif phase == "Available" and ref and owner not in named:
            why = f"its claim {owner} does not exist"
        else:
            continue
        yield Orphan("PersistentVolume", metadata.name(one), why, size)


def _of_claims(claims: Sequence[Object], pods: Sequence[Object]) -> Iterator[Orphan]:
    for one in claims:
        space, name = metadata.namespace(one), metadata.name(one)
        size = _requested(Node(one)["spec"]) / GIB
        status = Node(one).at("status", "phase").text()
        here = (pod for pod in pods if metadata.namespace(pod) == space)
        if status == "Lost":
            yield Orphan("PersistentVolumeClaim", f"{space}/{name}", "its volume is gone", size)
        elif status == "Bound" and not any(uses(pod, name) for pod in here):
            yield Orphan("PersistentVolumeClaim", f"{space}/{name}", "no pod uses it", size)
