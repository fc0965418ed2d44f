"""What pods of people are planned and read with; one for all callers of a process."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.reading import PodClusters, pod_clusters
from workers.client.on_engine.pods.pod_logs import Spools
from workers.core.settings import Settings


@dataclass(frozen=True)
class PodGround:
    """The clusters, and the logs that are being looked at."""

    clusters: PodClusters
    spools: Spools = field(default_factory=Spools)


def pod_ground(settings: Settings) -> PodGround:
    """Of this home."""
    return PodGround(pod_clusters(AddressBook(settings.addresses), settings.clusters))
