"""What pods of people are planned and read with; one for all callers of a process."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.pods.reading import PodClusters
from workers.client.on_engine.pods.pod_logs import Spools


@dataclass(frozen=True)
class PodGround:
    """The clusters, and the logs that are being looked at."""

    clusters: PodClusters
    spools: Spools = field(default_factory=Spools)
