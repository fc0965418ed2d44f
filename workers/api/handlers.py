"""All that the server answers. A feature adds one line."""

from __future__ import annotations

from litestar import MediaType, get
from litestar.types import ControllerRouterHandler

from workers.api.events import stream
from workers.api.routes import api, login, login_pages
from workers.api.temporal import decode, encode, temporal
from workers.api.temporal_console import console, render
from workers.console import pages


@get("/health", media_type=MediaType.TEXT, sync_to_thread=False)
def health() -> str:
    """That the process answers, and nothing of what it knows."""
    return "ok\n"


def handlers() -> list[ControllerRouterHandler]:
    """What the server is asked for: its health, the API, the pages."""
    return [
        health,
        stream,
        decode,
        encode,
        render,
        console,
        temporal,
        api(),
        login.routes(),
        login_pages.routes(),
        *pages.routes(),
    ]
