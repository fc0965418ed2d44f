"""Every router by the name that definitions use."""

from __future__ import annotations

from activities.releases.routers.none import NoRouter
from activities.releases.routers.port import Router
from activities.releases.routers.traefik.process import Traefik
from activities.releases.routers.traefik.router import TraefikRouter


def routers(traefik: Traefik) -> dict[str, Router]:
    """`traefik`: one process for all services of this machine."""
    return {"traefik": TraefikRouter(traefik), "none": NoRouter()}
