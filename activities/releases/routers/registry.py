"""Every router by the name that definitions use."""

from __future__ import annotations

from activities.releases.cluster_traffic.router import Clusters, no_clusters
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.routers.linkerd.router import LinkerdRouter
from activities.releases.routers.none import NoRouter
from activities.releases.routers.port import Router
from activities.releases.routers.service import ServiceRouter
from activities.releases.routers.traefik.process import Traefik
from activities.releases.routers.traefik.router import TraefikRouter


def routers(traefik: Traefik, clusters: Clusters = no_clusters) -> dict[str, Router]:
    """`traefik`: one process for all services of this machine. `clusters`: opens one by its name."""
    return {
        "traefik": TraefikRouter(traefik),
        "gateway-api": GatewayApiRouter(clusters),
        "istio": IstioRouter(clusters),
        "linkerd": LinkerdRouter(clusters),
        "service": ServiceRouter(clusters),
        "none": NoRouter(),
    }
