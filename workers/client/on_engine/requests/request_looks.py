"""What a registered cluster has in a namespace just now: its API is asked, as no definition says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.clusters.request_ground import OBJECTS, Ground
from domain.clusters.requests import ClusterRequest
from domain.clusters.spec import ClusterSpec
from domain.core.errors import SluicewayError
from domain.inventory.model import Freshness, freshness

if TYPE_CHECKING:
    from workers.client.on_engine.parts import EngineParts


def ground_of(
    parts: EngineParts, spec: ClusterSpec, asked: ClusterRequest, heard_at: float, now: float
) -> Ground | None:
    """Blocks while the cluster answers. One that is not heard of is not asked; None: its definition says it."""
    from activities.clusters.request_objects import look

    if spec.ours or asked.kind not in OBJECTS:
        return None
    if freshness(heard_at, now) is Freshness.STALE:
        return Ground(trouble=f"it was not heard of for {now - heard_at:.0f} s")
    try:
        reader = parts.clusters.open(asked.cluster, None)
    except SluicewayError as unknown:
        return Ground(trouble=unknown.what)
    return look(reader, asked)
