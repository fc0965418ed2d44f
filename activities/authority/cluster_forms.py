"""What an order and a claim have in common: a cluster, a pod or a volume as what decides what happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from activities.core import serialization as serial
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Manifest, Node, Object
from domain.secrets.rules import SecretUse

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def form(spec: ClusterSpec) -> Object:
    """A cluster without who has asked for it. A pool between its limits is one and the same, whatever its size: its
    definition leaves that to autoscaling.
    """
    pools = tuple(replace(pool, count=0) if _between(pool) else pool for pool in spec.pools)
    return plain(replace(spec, pools=pools, use=SecretUse(), asked_by=""))


def _between(pool: NodePool) -> bool:
    return bool(pool.max_count) and pool.min_count <= pool.count <= pool.max_count


def where(access: Access, namespace: str) -> Object:
    """How a pod's cluster is reached, and its namespace."""
    return {"access": plain(access), "namespace": namespace}


def content(manifest: Object, files: dict[str, str], secrets: dict[str, str]) -> Manifest:
    """What a pod runs, mounts and is told."""
    return {"manifest": manifest, "files": files, "secrets": secrets}


def plain(value: DataclassInstance) -> Object:
    """A value as JSON, without what it has by default."""
    return Node(serial.dump_plain(value, exclude_defaults=True)).object()
