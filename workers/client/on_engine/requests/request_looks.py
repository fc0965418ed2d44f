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
    parts: EngineParts, spec: ClusterSpec, asked: ClusterRequest, heard_at: float, now: float, *, live: bool
) -> Ground | None:
    """Blocks for a second at most: of a slow cluster it is what it has said before. `live`: by this people sign, so it
    is waited for. One that is not heard of is not asked; None: its definition says it.
    """
    from activities.clusters.request_objects import look

    if spec.ours or asked.kind not in OBJECTS:
        return None
    if freshness(heard_at, now) is Freshness.STALE:
        return Ground(trouble=f"it was not heard of for {now - heard_at:.0f} s")

    def said() -> Ground:
        try:
            reader = parts.clusters.open(asked.cluster, None)
        except SluicewayError as unknown:
            return Ground(trouble=unknown.what)
        return look(reader, asked)

    key = (asked.cluster, asked.namespace, str(asked.kind))
    return parts.grounds.of(key, said, live=live)
