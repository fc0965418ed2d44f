"""Claims and volumes by the rows of the inventory: who uses them, what is lost with them, and what nobody needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.core.documents import Manifest, Node
from domain.inventory.model import ObjectRow
from domain.inventory.volume_details import PLAIN
from domain.volumes.volume import FATES, Orphan, VolumePhase, VolumeStatus, orphans

MOST_USERS = 20


def users_of(pods: Iterable[ObjectRow]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Cluster, namespace and name of a claim to the pods that mount it and have not ended; so many at most."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for pod in pods:
        if _has_ended(pod):
            continue
        for claim in Node(pod.details)["claims"].texts():
            found.setdefault((pod.cluster, pod.namespace, claim), []).append(pod.name)
    return {key: tuple(sorted(names)[:MOST_USERS]) for key, names in found.items()}


def _has_ended(pod: ObjectRow) -> bool:
    return Node(pod.details)["phase"].text() in ("Succeeded", "Failed")


def fate_of(volume: ObjectRow) -> str:
    """What happens to a volume and its data when its claim is deleted; empty: nobody says."""
    reclaim = Node(volume.details)["reclaim"].text()
    return FATES[reclaim].format(volume=volume.name) if reclaim in FATES else ""


def status_of(
    claim: ObjectRow, volume: ObjectRow | None, storage_class: ObjectRow | None, users: Sequence[str]
) -> VolumeStatus:
    """How a claim is, as `domain.volumes` decides by. Only a CSI driver takes snapshots of its volumes."""
    said, of_volume = Node(claim.details), Node(volume.details if volume else None)
    phases = {"Bound": VolumePhase.IN_USE if users else VolumePhase.BOUND, "Lost": VolumePhase.LOST}
    phases |= {"Terminating": VolumePhase.ENDING}
    return VolumeStatus(
        phases.get(claim.status, VolumePhase.PENDING),
        claim.reason,
        volume=volume.name if volume else "",
        capacity_gb=said["capacity_mb"].whole() / 1024,
        wanted_gb=said["asked_mb"].whole() / 1024,
        storage_class=said["storage_class"].text(),
        reclaim=of_volume["reclaim"].text(),
        used_by=tuple(users),
        can_expand=bool(Node(storage_class.details if storage_class else None)["expands"]),
        can_snapshot=of_volume["driver"].text() not in ("", *PLAIN.values()),
    )


def orphans_of(claims: Sequence[ObjectRow], volumes: Sequence[ObjectRow], pods: Iterable[ObjectRow]) -> list[Orphan]:
    """What `domain.volumes` calls orphans, by all claims, volumes and pods of one cluster."""
    known = {(row.namespace, row.name): row.uid or row.name for row in claims}
    return orphans(
        [_claim(row) for row in claims],
        [_volume(row, known) for row in volumes],
        [_pod(row) for row in pods if not _has_ended(row)],
    )


def _claim(row: ObjectRow) -> Manifest:
    said = Node(row.details)
    size = f"{said['asked_mb'].whole()}Mi"
    return {
        "metadata": {"name": row.name, "namespace": row.namespace, "uid": row.uid or row.name},
        "spec": {"resources": {"requests": {"storage": size}}},
        "status": {"phase": row.status},
    }


def _volume(row: ObjectRow, known: Mapping[tuple[str, str], str]) -> Manifest:
    said = Node(row.details)
    space, name = said["claim_namespace"].text(), said["claim"].text()
    status: Manifest = {"phase": row.status, "message": row.reason}
    if not name:
        ref: Manifest = {}
    else:
        of = {"uid": known.get((space, name), "gone")} if row.status != "Available" else {}
        ref = {"namespace": space, "name": name, **of}
    return {
        "metadata": {"name": row.name},
        "spec": {"claimRef": ref, "capacity": {"storage": f"{said['capacity_mb'].whole()}Mi"}},
        "status": status,
    }


def _pod(row: ObjectRow) -> Manifest:
    volumes: list[Manifest] = [
        {"persistentVolumeClaim": {"claimName": name}} for name in Node(row.details)["claims"].texts()
    ]
    return {"metadata": {"name": row.name, "namespace": row.namespace}, "spec": {"volumes": volumes}}
