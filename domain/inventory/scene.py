"""What an object's row depends on besides the object itself, and what every row has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, Unpack, cast

from domain.core.values import Json
from domain.inventory.model import MOST_NAME, Health, ObjectRow
from domain.inventory.shapes import Meta
from domain.inventory.texts import clean, filled, moment, number, sentence, texts

SERVICE, ENVIRONMENT = "sluiceway.dev/service", "sluiceway.dev/environment"
NAME, VERSION, MANAGED = "app.kubernetes.io/name", "app.kubernetes.io/version", "app.kubernetes.io/managed-by"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Around an object. `lost`: names of nodes whose kubelet is not heard of, whose pods nobody knows."""

    cluster: str
    lost: frozenset[str] = frozenset()


class More(TypedDict, total=False):
    """Fields of a row that some kinds have; see ObjectRow."""

    node: str
    owner: str
    version: str
    wanted: int
    ready: int
    cpu_m: int
    memory_mb: int


def row(
    scene: Scene,
    kind: str,
    meta: Meta,
    health: Health,
    status: str,
    details: Mapping[str, object],
    *,
    reason: str = "",
    since: float = 0.0,
    **more: Unpack[More],
) -> ObjectRow:
    """A row; empty details are left out, a reason is cut, and a healthy object has none."""
    labelled = meta.labels or {}
    return ObjectRow(
        cluster=scene.cluster,
        kind=kind,
        namespace=clean(meta.namespace, MOST_NAME),
        name=clean(meta.name, MOST_NAME),
        uid=clean(meta.uid),
        health=health,
        status=status,
        reason="" if health is Health.HEALTHY else sentence(reason),
        since=since,
        created_at=moment(meta.creation_timestamp),
        service=clean(labelled.get(SERVICE) or labelled.get(NAME)),
        environment=clean(labelled.get(ENVIRONMENT)),
        details=cast("Mapping[str, Json]", filled(details)),
        **more,
    )


def is_ours(meta: Meta) -> bool:
    """Whether Sluiceway's label is on it; anybody may have put it there."""
    return (meta.labels or {}).get(MANAGED) == "sluiceway"


def ending_since(meta: Meta) -> float:
    """When its deletion was asked for, in Unix seconds; 0: it was not."""
    if not meta.deletion_timestamp:
        return 0.0
    return max(moment(meta.deletion_timestamp) - number(meta.deletion_grace_period_seconds), 1.0)


def why_ending(meta: Meta) -> str:
    """Why an object whose deletion was asked for is still there, as a sentence: the finalizers that hold it back."""
    names = ", ".join(texts(meta.finalizers))
    return f"its deletion was asked for; finalizers hold it back: {names}" if names else "its deletion was asked for"


def version_of(meta: Meta, image: str) -> str:
    """The label, else the image's tag, else the beginning of its digest (12 characters); empty: nobody says."""
    if said := (meta.labels or {}).get(VERSION):
        return clean(said)
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return clean(tag or digest.partition(":")[2][:12])
