"""Handlers of pages by feature: each decodes, asks the client, and renders."""

from __future__ import annotations

from litestar import Router
from litestar.types import ControllerRouterHandler

from workers.console import assets
from workers.console.pages import (
    access,
    approvals,
    audit,
    cluster_form,
    cluster_plans,
    clusters,
    definitions,
    exec_sessions,
    findings,
    fleet,
    home,
    logs,
    networks,
    objects,
    people,
    pipelines,
    pod_logs,
    pods,
    preferences,
    quotas,
    releases,
    requests,
    runs,
    search,
    services,
    tokens,
    topology,
    volumes,
)

FEATURES = (
    home,
    approvals,
    runs,
    logs,
    pipelines,
    findings,
    releases,
    definitions,
    access,
    people,
    tokens,
    preferences,
    audit,
    cluster_form,
    cluster_plans,
    exec_sessions,
    fleet,
    clusters,
    services,
    objects,
    pods,
    pod_logs,
    search,
    topology,
    networks,
    volumes,
    quotas,
    requests,
)
"""Modules with `HANDLERS`: a line each, so that two who add one do not meet."""


def routes() -> list[Router]:
    """Every page, and the static files. Errors are made pages where the server makes them answers."""
    handlers: list[ControllerRouterHandler] = [assets.static]
    for feature in FEATURES:
        handlers += feature.HANDLERS
    return [Router("/", route_handlers=handlers)]
