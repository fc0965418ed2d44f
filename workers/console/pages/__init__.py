"""Handlers of pages by feature: each decodes, asks the client, and renders."""

from __future__ import annotations

from litestar import Router

from domain.core.errors import SluicewayError
from workers.console import assets
from workers.console.pages import errors, home, preferences, runs


def routes() -> list[Router]:
    """Every page, and the static files. Errors of pages are pages."""
    handlers = [assets.static, preferences.prefer, home.home, *runs.HANDLERS]
    return [Router("/", route_handlers=handlers, exception_handlers={SluicewayError: errors.error_page})]
