"""JSON under /api/v1: a module a feature, a handler for each method of workers/client/ports: decode, call, encode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Router
from litestar.di import NamedDependency, Provide

from domain.access.principal import Caller, PrincipalKind
from domain.core.errors import RefusedError
from workers.api.asked import key, matched, page_of
from workers.api.parts import Parts
from workers.api.routes import (
    access,
    approvals,
    audit,
    clusters,
    definitions,
    description,
    dial_outs,
    exec_sessions,
    exec_stream,
    findings,
    fleets,
    log_stream,
    people,
    pod_logs,
    pods,
    policies,
    registrations,
    releases,
    requests,
    runs,
    topologies,
    volumes,
)
from workers.client.ports.client import Client

BASE = "/api/v1"
FEATURES = (
    *(runs, log_stream, approvals, releases, findings, definitions, access, people, policies, audit, description),
    *(exec_sessions, exec_stream, registrations, fleets, topologies, volumes),
    clusters,
    requests,
    *(pods, pod_logs),
    dial_outs,
)
HANDLERS = tuple(handler for feature in FEATURES for handler in feature.HANDLERS)


async def known_client(caller: NamedDependency[Caller], parts: NamedDependency[Parts]) -> Client:
    """The client of a caller who has said who they are: nobody else reaches a feature, whatever it would answer.

    Raises:
        RefusedError: SLW476, it is nobody.
    """
    if caller.principal.kind is PrincipalKind.ANONYMOUS:
        raise RefusedError("SLW476", "this needs a login")
    return await parts.clients(caller)


def api() -> Router:
    """All routes of the API."""
    given: dict[str, Callable[..., Any]] = {"page": page_of, "key": key, "seen": matched}
    dependencies = {name: Provide(one, sync_to_thread=False) for name, one in given.items()}
    dependencies["client"] = Provide(known_client)
    return Router(BASE, route_handlers=HANDLERS, dependencies=dependencies)
