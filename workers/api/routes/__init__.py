"""JSON under /api/v1: a module a feature, a handler for each method of workers/client/ports: decode, call, encode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Router
from litestar.di import Provide

from workers.api.asked import key, matched, page_of
from workers.api.routes import (
    access,
    approvals,
    audit,
    definitions,
    description,
    findings,
    log_stream,
    people,
    policies,
    releases,
    runs,
)

BASE = "/api/v1"
FEATURES = (runs, log_stream, approvals, releases, findings, definitions, access, people, policies, audit, description)
HANDLERS = tuple(handler for feature in FEATURES for handler in feature.HANDLERS)


def api() -> Router:
    """All routes of the API."""
    given: dict[str, Callable[..., Any]] = {"page": page_of, "key": key, "seen": matched}
    dependencies = {name: Provide(one, sync_to_thread=False) for name, one in given.items()}
    return Router(BASE, route_handlers=HANDLERS, dependencies=dependencies)
