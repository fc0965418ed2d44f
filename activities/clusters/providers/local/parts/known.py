"""The parts by the name of their program."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from activities.clusters.providers.local.parts.coredns import CoreDns
from activities.clusters.providers.local.parts.csi_files import CsiFiles
from activities.clusters.providers.local.parts.docker_registry import DockerRegistry
from activities.clusters.providers.local.parts.istio import Istio
from activities.clusters.providers.local.parts.kube_router import KubeRouter
from activities.clusters.providers.local.parts.metrics_server import MetricsServer
from activities.clusters.providers.local.parts.port import Part
from activities.clusters.providers.local.parts.traefik import Traefik

_ALL: tuple[Part, ...] = (
    CoreDns(),
    CsiFiles(),
    DockerRegistry(),
    Istio(),
    KubeRouter(),
    MetricsServer(),
    Traefik(),
)
PARTS: Mapping[str, Part] = MappingProxyType({one.name: one for one in _ALL})
